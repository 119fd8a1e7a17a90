using System.Collections.Immutable;
using System.Text;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Wasi;
using HeliosEdge.Sandbox.Wasi.Streams;

namespace HeliosEdge.Sandbox.Abi.Extism;

/// <summary>One invocation of a plug-in as its host functions see it. One thread at a time.</summary>
/// <param name="context">The invocation.</param>
internal sealed class ExtismCall(SandboxContext context) : IGuestState, IDisposable
{
    private const int MaxFileSystemBytes = 16 << 20;
    private const int MaxQuotedBytes = 1_024;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private WasiProcess? _process;
    private ErrorLog? _output;
    private ErrorLog? _error;

    /// <summary>The invocation.</summary>
    public SandboxContext Context { get; } = context;

    /// <summary>The memory that host and plug-in share.</summary>
    public ExtismMemory Memory { get; } = new((long)context.Scope.Limits.MemoryMiB << 20);

    /// <summary>The status of the last HTTP response; 0 before the first, and while there is none.</summary>
    public int HttpStatus { get; set; }

    /// <summary>The headers of the last HTTP response.</summary>
    public ImmutableArray<KeyValuePair<string, string>> HttpHeaders { get; set; } = [];

    /// <summary>The last line that the plug-in wrote to standard error, or null.</summary>
    public string? LastErrorLine => _error?.LastLine;

    /// <summary>What the functions of WASI work with; made when the first of them is called, for most plug-ins only import them.</summary>
    public WasiProcess Process => _process ??= StartProcess();

    /// <summary>Bytes of the files of a plug-in at most.</summary>
    public static long FileSystemBytes(ResourceLimits limits) => Math.Min(MaxFileSystemBytes, (long)limits.MemoryMiB << 20);

    /// <inheritdoc/>
    public void Enter(long timestamp) => ((IGuestState)Context).Enter(timestamp);

    /// <summary>Gives the plug-in its input, in a memory that has nothing else in it.</summary>
    /// <returns>False if there is no room for it.</returns>
    public bool TryBegin(ReadOnlySpan<byte> payload)
    {
        Memory.Reset();
        if (payload.IsEmpty)
        {
            return true;
        }

        var address = Memory.Add(payload);
        return address != 0 && Memory.SetInput(address, (ulong)payload.Length);
    }

    /// <summary>Bytes that a guest wants to load or store; empty, and the attempt is counted, where they are not within the memory.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.SandboxViolation"/>: it was one attempt too many.</exception>
    public Span<byte> Reach(long address, int length)
    {
        if (Memory.Contains((ulong)address, (ulong)length))
        {
            return Memory.View((ulong)address, length);
        }

        ReportEscape(address, length);
        return [];
    }

    /// <summary>Counts an attempt to reach outside the memory.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.SandboxViolation"/>: it was one too many.</exception>
    public void ReportEscape(long address, long length) => Context.ReportEscape(Outside(
        $"{(ulong)length} bytes at {(ulong)address} do not lie within the plug-in's memory of {Memory.Length} bytes.", address));

    /// <summary>The bytes of a block that the guest gives to the host; none for block 0.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.OutOfBounds"/>: there is no such block.</exception>
    public ReadOnlySpan<byte> Take(long address, string what)
    {
        var bytes = Memory.BlockAt((ulong)address);
        if (!bytes.IsEmpty || address == 0)
        {
            return bytes;
        }

        var refused = Outside($"The plug-in gave {(ulong)address} for {what}, which is no block of its memory.", address);
        Context.ReportEscape(refused);
        throw refused;
    }

    /// <summary>The text in a block that the guest gives to the host; empty for block 0.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.OutOfBounds"/>, <see cref="ErrorCodes.StringTooLarge"/>, <see cref="ErrorCodes.InvalidUtf8"/>.</exception>
    public string TakeText(long address, string what, int maxBytes)
    {
        var bytes = Take(address, what);
        if (bytes.Length > maxBytes)
        {
            throw SandboxException.Breach(ErrorCodes.StringTooLarge, $"The plug-in gave {what} of", maxBytes, bytes.Length, "bytes");
        }

        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new SandboxException(ErrorCodes.InvalidUtf8, $"The plug-in gave {what} that is no UTF-8.", e);
        }
    }

    /// <summary>Hands bytes to the guest in a new block.</summary>
    /// <returns>The block; 0 for no bytes.</returns>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.MemoryLimitExceeded"/>: there is no room.</exception>
    public long Give(ReadOnlySpan<byte> bytes, string what)
    {
        var address = Memory.Add(bytes);
        return address != 0 || bytes.IsEmpty
            ? (long)address
            : throw new SandboxException(
                ErrorCodes.MemoryLimitExceeded,
                $"{what} of {bytes.Length} bytes has no room in the plug-in's memory; the limit is {Context.Scope.Limits.MemoryMiB} MiB.")
            {
                Limit = (long)Context.Scope.Limits.MemoryMiB << 20,
            };
    }

    /// <summary>The text of the error that the plug-in set, cut to 1,024 bytes; null if it set none.</summary>
    public string? ErrorText()
    {
        var bytes = Memory.BlockAt(Memory.Error);
        return bytes.IsEmpty ? null
            : bytes.Length <= MaxQuotedBytes ? Encoding.UTF8.GetString(bytes)
            : $"{Encoding.UTF8.GetString(bytes[..MaxQuotedBytes])}…";
    }

    /// <summary>Logs the lines that the plug-in wrote and did not finish.</summary>
    public void EndOutput()
    {
        _output?.End();
        _error?.End();
    }

    /// <summary>Gives everything back.</summary>
    public void Dispose()
    {
        Memory.Dispose();
        _process?.Dispose();
    }

    private static GuestMemoryException Outside(string message, long address) =>
        new(address == 0 ? ErrorCodes.NullPointer : ErrorCodes.OutOfBounds, message);

    private WasiProcess StartProcess()
    {
        var scope = Context.Scope;
        Action<string>? log = scope.Profile.Grants(Capability.Log) ? line => Context.Log(GuestLogLevel.Information, line) : null;
        _output = new ErrorLog(log);
        _error = new ErrorLog(log);
        return new WasiProcess(new WasiOptions
        {
            Arguments = [scope.Function, .. scope.Settings.Arguments],
            Environment = scope.Profile.Grants(Capability.Env) ? scope.Settings.Environment : [],
            Bundles = scope.Profile.Grants(Capability.FsRead) ? scope.Settings.Bundles : [],
            StandardOutput = _output,
            StandardError = _error,
            MemoryFileSystemBytes = FileSystemBytes(scope.Limits),
            Interruption = Context.Cancellation,
            Deadline = Context.Remaining > TimeSpan.Zero ? Context.Remaining : TimeSpan.Zero,
        })
        {
            Context = Context,
        };
    }
}
