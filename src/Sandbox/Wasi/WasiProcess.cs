using System.Diagnostics;
using System.Text;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Wasi.Descriptors;
using HeliosEdge.Sandbox.Wasi.Files;
using HeliosEdge.Sandbox.Wasi.Files.Host;
using HeliosEdge.Sandbox.Wasi.Files.InMemory;
using HeliosEdge.Sandbox.Wasi.Functions;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Wasi;

/// <summary>What one run of a guest holds: its descriptors, arguments and environment. One thread at a time.</summary>
public sealed class WasiProcess : IGuestState, IDisposable
{
    private readonly CancellationToken _interruption;
    private readonly TimeSpan? _deadline;
    private long _started = Stopwatch.GetTimestamp();

    /// <summary>Opens what the options name.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: an argument or variable has a NUL, or a directory cannot be opened.</exception>
    public WasiProcess(WasiOptions options)
    {
        _interruption = options.Interruption;
        _deadline = options.Deadline;
        Arguments = [.. options.Arguments.Select(argument => Encode("argument", argument))];
        Environment = [.. options.Environment.Select(variable => Encode("environment variable", $"{variable.Key}={variable.Value}"))];
        AddStream(new StreamFile(options.StandardInput, options.Terminals.Input, options.WaitForInput), Rights.Stream & ~Rights.FdWrite);
        AddStream(new StreamFile(options.StandardOutput, options.Terminals.Output), Rights.Stream & ~Rights.FdRead);
        AddStream(new StreamFile(options.StandardError, options.Terminals.Error), Rights.Stream & ~Rights.FdRead);
        try
        {
            if (options.MemoryFileSystemBytes > 0)
            {
                AddPreopen("/", MemoryDirectoryNode.CreateRoot(options.MemoryFileSystemBytes));
            }

            foreach (var (guest, bundle) in options.Bundles)
            {
                AddPreopen(guest, bundle.Root);
            }

            foreach (var (guest, host) in options.HostDirectories)
            {
                AddPreopen(guest, HostDirectory.Open(host));
            }
        }
        catch
        {
            Descriptors.Dispose();
            throw;
        }
    }

    /// <summary>The first of the two names of every import that this answers.</summary>
    public static string ImportModule => Preview1.ImportModule;

    /// <summary>Every function of <c>wasi_snapshot_preview1</c>, for instances whose state is a process.</summary>
    public static HostFunctionSet Functions { get; } = new(Preview1.Functions(state => (WasiProcess)state!));

    /// <summary>The invocation that pays for the calls and whose profile they need; null where nobody counts and all is granted.</summary>
    internal SandboxContext? Context { get; init; }

    internal byte[][] Arguments { get; }

    internal byte[][] Environment { get; }

    internal DescriptorTable Descriptors { get; } = new();

    /// <summary>Offers every function of <c>wasi_snapshot_preview1</c> to the modules that a linker instantiates, for this process.</summary>
    /// <exception cref="ArgumentException">The linker offers one of them already.</exception>
    public void OfferTo(Linker linker) => ManagedWasi.Define(linker, this);

    /// <summary>Closes everything that the guest left open.</summary>
    public void Dispose() => Descriptors.Dispose();

    /// <inheritdoc/>
    void IGuestState.Enter(long timestamp)
    {
        _started = timestamp;
        (Context as IGuestState)?.Enter(timestamp);
    }

    /// <summary>Begins a call of the guest's.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.HostCallsExceeded"/>: it is one too many.</exception>
    /// <exception cref="WasiException"><see cref="Errno.NotCapable"/>: the profile does not grant what the call needs.</exception>
    internal void BeginCall(Capability needed)
    {
        if (Context is { } context)
        {
            context.CountHostCall();
            if (!context.Scope.Profile.Grants(needed))
            {
                throw new WasiException(Errno.NotCapable);
            }
        }
    }

    /// <summary>Ends the guest if whoever runs it wants that, rather than let it see an error that it might take for something else.</summary>
    /// <exception cref="OperationCanceledException">The interruption came.</exception>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    internal void ThrowIfInterrupted()
    {
        _interruption.ThrowIfCancellationRequested();
        if (_deadline is { } deadline && Stopwatch.GetElapsedTime(_started) >= deadline)
        {
            throw new TimeoutException("The deadline of the guest passed while it was in a call of the host.");
        }
    }

    /// <summary>Sleeps, but not beyond the deadline or an interruption.</summary>
    internal void Sleep(TimeSpan time)
    {
        var remaining = _deadline is { } deadline ? deadline - Stopwatch.GetElapsedTime(_started) : TimeSpan.MaxValue;
        var least = time < remaining ? time : remaining;
        if (least > TimeSpan.Zero)
        {
            // In steps: a wait takes 32 bits of milliseconds only.
            using var waiting = GuestThreads.Wait();
            _interruption.WaitHandle.WaitOne(least < TimeSpan.FromDays(1) ? least : TimeSpan.FromDays(1));
        }
    }

    private static byte[] Encode(string what, string text) => text.Contains('\0')
        ? throw new SandboxException(ErrorCodes.InvalidParameter, $"An {what} of a guest cannot contain a NUL character.")
        : [.. Encoding.UTF8.GetBytes(text), 0];

    private void AddStream(StreamFile stream, Rights rights) => Descriptors.Add(new Descriptor(stream, rights, Rights.None, DescriptorFlags.None));

    private void AddPreopen(string name, DirectoryNode directory) => Descriptors.Add(
        new Descriptor(directory, Rights.Directory, Rights.Inheritable, DescriptorFlags.None)
        {
            PreopenName = Encoding.UTF8.GetBytes(name),
        });
}
