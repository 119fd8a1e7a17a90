using System.Collections.Immutable;
using System.Text;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Http;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Wasi.Files.Bundles;

namespace HeliosEdge.Grains.Functions;

/// <summary>Checks what a registration gives its guests to read: environment, arguments, configuration.</summary>
internal static class FunctionSettings
{
    private const int MaxEntries = 1_000;

    /// <summary>Refuses settings that no guest could read, or that are larger than the limit.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>, naming the member.</exception>
    public static void Check(FunctionRequest request, ResourceLimits limits)
    {
        var bytes = CheckMap("env", request.Env, allowEquals: false) + CheckMap("config", request.Config, allowEquals: true);
        if (request.Args is { } arguments)
        {
            CheckCount("args", arguments.Count);
            for (var i = 0; i < arguments.Count; i++)
            {
                CheckText($"args[{i}]", arguments[i]);
                bytes += Encoding.UTF8.GetByteCount(arguments[i]);
            }
        }

        if (request.AllowedHosts is { } hosts)
        {
            CheckCount("allowedHosts", hosts.Count);
            foreach (var host in hosts)
            {
                AllowedHost.Parse(host);
            }
        }

        if (bytes > limits.MaxConfigBytes)
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter, $"env, args and config have {bytes} bytes together; the limit maxConfigBytes is {limits.MaxConfigBytes} bytes.")
            {
                Limit = limits.MaxConfigBytes,
                Value = bytes,
            };
        }
    }

    /// <summary>The settings as guests get them.</summary>
    /// <param name="function">The registration.</param>
    /// <param name="bundles">The files of its bundles, by folder.</param>
    public static GuestSettings ToGuestSettings(
        this FunctionDescription function, ImmutableArray<KeyValuePair<string, BundleTree>> bundles) => new()
        {
            Bundles = bundles,
            Environment = [.. function.Env],
            Arguments = function.Args,
            Configuration = [.. function.Config],
            AllowedHosts = function.AllowedHosts,
        };

    /// <summary>A map as it is kept.</summary>
    public static ImmutableSortedDictionary<string, string> Sort(IReadOnlyDictionary<string, string>? map) =>
        map is null ? ImmutableSortedDictionary<string, string>.Empty : map.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static long CheckMap(string member, IReadOnlyDictionary<string, string>? map, bool allowEquals)
    {
        if (map is null)
        {
            return 0;
        }

        CheckCount(member, map.Count);
        var bytes = 0L;
        foreach (var (name, value) in map)
        {
            // "A=B=C" in an environment would be A with the value B=C.
            if (name.Length == 0 || (!allowEquals && name.Contains('=', StringComparison.Ordinal)))
            {
                throw new SandboxException(
                    ErrorCodes.InvalidParameter, $"{member} has a name \"{Names.Shorten(name)}\", which is empty or has = in it.");
            }

            CheckText($"{member} has a name that", name);
            CheckText($"{member}.{Names.Shorten(name)}", value);
            bytes += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value);
        }

        return bytes;
    }

    private static void CheckCount(string member, int count)
    {
        if (count > MaxEntries)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"{member} has {count} entries; the limit is {MaxEntries}.")
            {
                Limit = MaxEntries,
                Value = count,
            };
        }
    }

    // Guests get C strings, which end at the first zero.
    private static void CheckText(string what, string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"{what} contains a zero character.");
        }
    }
}
