using System.Collections.Frozen;
using System.Globalization;
using HeliosEdge.Sandbox.HostServices.Http;

namespace HeliosEdge.Sandbox.Abi.Http;

/// <summary>Collects the head of a guest's HTTP response, and refuses what no response may have.</summary>
internal sealed class ResponseHead
{
    /// <summary>Headers that a response may have.</summary>
    public const int MaxHeaders = 100;

    /// <summary>Bytes of all names and values together.</summary>
    public const int MaxHeaderBytes = 32 << 10;

    private const int MinStatus = 200;
    private const int MaxStatus = 599;
    private const string PlatformPrefix = "x-helios-";

    private static readonly FrozenSet<string> Dropped = new[]
    {
        "alt-svc", "connection", "content-length", "keep-alive", "strict-transport-security", "te", "trailer", "transfer-encoding", "upgrade",
    }.ToFrozenSet(StringComparer.Ordinal);

    private readonly List<GuestHeader> _headers = [];
    private long? _statedLength;
    private int _count;
    private int _bytes;

    /// <summary>Takes a header.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <param name="value">Its value.</param>
    /// <param name="where">Where it stands, for messages.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidHttpResponse"/>.</exception>
    public void Add(string name, string value, string where)
    {
        if (!HttpToken.Is(name))
        {
            throw Invalid($"{where}: the name \"{Excerpt.Of(name)}\" is no token");
        }

        name = name.ToLowerInvariant();
        value = value.Trim(' ', '\t');
        foreach (var character in value)
        {
            if (character is (< ' ' or > '~') and not '\t')
            {
                throw Invalid($"{where}: the value of {Excerpt.Of(name)} has the character U+{(int)character:X4}; values are visible ASCII, spaces and tabs");
            }
        }

        if (++_count > MaxHeaders)
        {
            throw Invalid($"{where}: there are more than {MaxHeaders} headers");
        }

        if ((_bytes += name.Length + value.Length) > MaxHeaderBytes)
        {
            throw Invalid($"{where}: the headers have more than {MaxHeaderBytes} bytes");
        }

        if (name.StartsWith(PlatformPrefix, StringComparison.Ordinal))
        {
            throw Invalid($"{where}: {Excerpt.Of(name)} is for the platform to set");
        }

        if (name is "content-type" or "location" && Has(name))
        {
            throw Invalid($"{where}: {name} is there twice");
        }

        if (name == "content-length")
        {
            TakeLength(value, where);
        }

        if (!Dropped.Contains(name) && !name.StartsWith("proxy-", StringComparison.Ordinal))
        {
            _headers.Add(new GuestHeader(name, value));
        }
    }

    /// <summary>Whether a header of this name, in lower case, was taken.</summary>
    public bool Has(string name) => _headers.Exists(header => header.Name == name);

    /// <summary>Ends the head.</summary>
    /// <param name="status">The status.</param>
    /// <param name="where">Where it stands, for messages.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidHttpResponse"/>: there is no such status.</exception>
    public GuestResponse End(long status, string where) => status is >= MinStatus and <= MaxStatus
        ? new GuestResponse { Status = (int)status, Headers = [.. _headers], StatedLength = _statedLength }
        : throw Invalid($"{where}: {status.ToString(CultureInfo.InvariantCulture)} is no status from {MinStatus} to {MaxStatus}");

    /// <summary>Refuses bytes after the head of a response that has no body.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidHttpResponse"/>.</exception>
    public static void CheckBody(GuestResponse head, long length)
    {
        if (length > 0 && !head.MayHaveBody)
        {
            throw Invalid($"a response with the status {head.Status} has no body, this one has {length} bytes");
        }
    }

    private void TakeLength(string value, string where)
    {
        if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            throw Invalid($"{where}: the content-length \"{Excerpt.Of(value)}\" is not a number of bytes");
        }

        if ((_statedLength ?? length) != length)
        {
            throw Invalid($"{where}: content-length is there twice, as {_statedLength} and {length}");
        }

        _statedLength = length;
    }

    /// <summary>An answer that is no HTTP response.</summary>
    public static SandboxException Invalid(string why, Exception? inner = null) =>
        new(ErrorCodes.InvalidHttpResponse, $"The function's answer is no HTTP response: {why}.", inner);
}
