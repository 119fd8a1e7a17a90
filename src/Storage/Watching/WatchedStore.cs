using HeliosEdge.Sandbox;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Storage.Watching;

/// <summary>
/// One store, and whether it can be used. That it cannot is told once when it is found out, and that it can again once more, however much is
/// asked of it meanwhile; faults that come and go are told at most every half minute. Used by many threads.
/// </summary>
/// <param name="what">What is in it, for people.</param>
/// <param name="location">Where it is, without a password; for the log, not for callers.</param>
/// <param name="probe">Writes to it as others do, and throws if it cannot.</param>
/// <param name="clock">Tells how long ago something was told.</param>
/// <param name="log">Where it is told.</param>
internal sealed partial class WatchedStore(string what, string location, Func<Task> probe, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    private readonly Lock _changing = new();
    private volatile StorageFault? _fault;
    private long? _toldAt;
    private bool _isTold;

    /// <summary>What is wrong, in a sentence that anybody may read; null where nothing is.</summary>
    public string? Problem => _fault is { } fault ? Sentence(fault) : null;

    /// <summary>Uses the store.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.Unavailable"/>: it cannot be used now.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> use)
    {
        try
        {
            return await use().ConfigureAwait(false);
        }
        catch (Exception e) when (StorageFault.Of(e) is { } fault)
        {
            throw Fail(fault, e.Message, e);
        }
    }

    /// <inheritdoc cref="RunAsync"/>
    public T Run<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception e) when (StorageFault.Of(e) is { } fault)
        {
            throw Fail(fault, e.Message, e);
        }
    }

    /// <summary>Takes note that the store cannot be used.</summary>
    /// <param name="fault">Why.</param>
    /// <param name="message">The same in the words of the store, for the log.</param>
    /// <param name="cause">What it threw, if anything.</param>
    /// <returns>What whoever asked is told.</returns>
    public SandboxException Fail(StorageFault fault, string message, Exception? cause = null)
    {
        lock (_changing)
        {
            if (_fault is not { IsLasting: true })
            {
                _fault = fault;
            }

            if (!_isTold && (_toldAt is not { } at || clock.GetElapsedTime(at) >= Quiet))
            {
                _isTold = true;
                _toldAt = clock.GetTimestamp();
                LogFault(log, what, location, fault.Text, message.ReplaceLineEndings(" "));
            }
        }

        return new SandboxException(ErrorCodes.Unavailable, Sentence(fault), cause);
    }

    /// <summary>Where the store could not be used, finds out whether it can again.</summary>
    public async Task ProbeAsync()
    {
        if (_fault is null or { IsLasting: true })
        {
            return;
        }

        try
        {
            await probe().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Whatever it is, it could not be written to; where that says no more, it is still what it was.
            Fail(StorageFault.Of(e) ?? _fault ?? StorageFault.Unusable, e.Message, e);
            return;
        }

        lock (_changing)
        {
            _fault = null;
            if (_isTold)
            {
                _isTold = false;
                LogUsable(log, what, location);
            }
        }
    }

    private string Sentence(StorageFault fault) => $"{what} cannot be used now: {fault.Text}.";

    [LoggerMessage(Level = LogLevel.Error, Message = "{What} ({Location}) cannot be used: {Fault} ({Message}). What needs it is answered with 503 meanwhile.")]
    private static partial void LogFault(ILogger log, string what, string location, string fault, string message);

    [LoggerMessage(Level = LogLevel.Information, Message = "{What} ({Location}) can be used again.")]
    private static partial void LogUsable(ILogger log, string what, string location);
}
