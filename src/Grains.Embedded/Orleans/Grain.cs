using HeliosEdge.Grains.Embedded.Activations;
using Orleans.Runtime;

namespace Orleans;

/// <summary>
/// The base class of all grains. Between two awaits a grain has its activation to itself; an await lets other requests in
/// only if the class is <see cref="Concurrency.ReentrantAttribute">reentrant</see>.
/// </summary>
public abstract class Grain : IAddressable
{
    private readonly Activation _activation;

    /// <summary>Called by the host alone.</summary>
    /// <exception cref="InvalidOperationException">Something else than the host makes a grain.</exception>
    protected Grain()
    {
        _activation = Activation.Constructing
            ?? throw new InvalidOperationException($"{GetType()} is a grain: get a reference from {nameof(IGrainFactory)} instead of making one.");
    }

    /// <summary>Makes references to other grains.</summary>
    protected IGrainFactory GrainFactory => _activation.Host;

    /// <summary>The services of the process.</summary>
    protected internal IServiceProvider ServiceProvider => _activation.Host.Services;

    internal string Key => _activation.Key;

    /// <summary>Runs before the first request. If it fails, the requests that wait for it fail with its exception.</summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs after the last request. The next call to this key makes a new activation, after this has ended.</summary>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends this activation as soon as no request runs any more; requests that come later go to the next one.</summary>
    protected void DeactivateOnIdle() => _activation.Deactivate(
        new DeactivationReason(DeactivationReasonCode.ApplicationRequested, $"{nameof(DeactivateOnIdle)} was called."));
}
