using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Grains.Tests.Embedded;

/// <summary>What a probe grain can be told to do.</summary>
public interface IProbe : IGrainWithStringKey
{
    /// <summary>Adds up with an await between reading and writing, which loses updates if turns of other requests come in between.</summary>
    Task<int> AddCarefullyAsync(int amount);

    /// <summary>Waits until <see cref="OpenAsync"/> is called on the same grain.</summary>
    Task WaitAsync();

    Task OpenAsync();

    /// <summary>Waits until the test opens the gate with this name.</summary>
    Task WaitForGateAsync(string gate);

    /// <summary>Detects turns that overlap; returns how many ran.</summary>
    Task<int> TurnsAsync(int turns);

    /// <summary>Whether code after an await runs as a turn of the activation again.</summary>
    Task<bool> ComesBackAsync();

    Task FailAsync(string message);

    Task<string> FailLaterAsync(string message);

    Task<string> WhoAsync();

    Task LeaveAsync();

    Task<ImmutableArray<string>> ManyAsync(int a, long b, string? c, bool d, double e, ReadOnlyMemory<byte> f, Guid g, DayOfWeek h, CancellationToken i);

    [ResponseTimeout("00:10:00")]
    Task WaitPatientlyAsync(string gate);
}

/// <summary>A plain grain.</summary>
public interface IPlainProbe : IProbe;

/// <summary>A reentrant grain.</summary>
public interface IReentrantProbe : IProbe;

/// <summary>A stateless worker of two.</summary>
public interface IWorkerProbe : IProbe;

/// <summary>Shared by the probes.</summary>
public abstract class Probe(ProbeLog log) : Grain
{
    private readonly TaskCompletionSource _open = new();
    private readonly string _instance = Guid.NewGuid().ToString("N");
    private int _sum;
    private int _inTurn;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        log.Activated(this.GetPrimaryKeyString());
        await Task.Yield();
        if (log.ShouldFail(this.GetPrimaryKeyString()))
        {
            throw new InvalidOperationException("This key fails to activate.");
        }

        if (this.GetPrimaryKeyString() == "leaves at once")
        {
            DeactivateOnIdle();
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Task.Yield();
        log.Deactivated(this.GetPrimaryKeyString(), reason.ReasonCode);
    }

    public async Task<int> AddCarefullyAsync(int amount)
    {
        var before = _sum;
        await Task.Yield();
        return _sum = before + amount;
    }

    public Task WaitAsync() => _open.Task;

    public Task OpenAsync()
    {
        _open.SetResult();
        return Task.CompletedTask;
    }

    public async Task WaitForGateAsync(string gate)
    {
        log.Entered(gate);
        await log.Gate(gate);
    }

    public Task WaitPatientlyAsync(string gate) => WaitForGateAsync(gate);

    public async Task<int> TurnsAsync(int turns)
    {
        for (var i = 0; i < turns; i++)
        {
            if (Interlocked.Exchange(ref _inTurn, 1) != 0)
            {
                throw new InvalidOperationException("Two turns overlap.");
            }

            Thread.SpinWait(50);
            Volatile.Write(ref _inTurn, 0);
            await Task.Yield();
        }

        return turns;
    }

    public async Task<bool> ComesBackAsync()
    {
        var mine = SynchronizationContext.Current;
        await Task.Delay(1);
        var afterDelay = SynchronizationContext.Current;
        await Task.Run(() => { });
        return mine is not null && mine == afterDelay && mine == SynchronizationContext.Current;
    }

    public Task FailAsync(string message) => throw new FormatException(message);

    public async Task<string> FailLaterAsync(string message)
    {
        await Task.Yield();
        throw new FormatException(message);
    }

    public Task<string> WhoAsync() => Task.FromResult(_instance);

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<string>> ManyAsync(
        int a, long b, string? c, bool d, double e, ReadOnlyMemory<byte> f, Guid g, DayOfWeek h, CancellationToken i) =>
        Task.FromResult<ImmutableArray<string>>([
            FormattableString.Invariant($"{a} {b} {c} {d} {e} {Convert.ToHexString(f.Span)} {g} {h} {i.IsCancellationRequested}"),
        ]);
}

public sealed class PlainProbe(ProbeLog log) : Probe(log), IPlainProbe;

[Reentrant]
public sealed class ReentrantProbe(ProbeLog log) : Probe(log), IReentrantProbe;

[StatelessWorker(2)]
public sealed class WorkerProbe(ProbeLog log) : Probe(log), IWorkerProbe;
