using HeliosEdge.Grains.Embedded.Calls;

namespace HeliosEdge.Grains.Embedded.Activations;

/// <summary>
/// The activations of one key: one, or several where the class is a stateless worker. The set goes when its last activation
/// has gone, so that keys which nobody calls any more take no memory.
/// </summary>
internal sealed class ActivationSet(GrainClass grainClass, string key)
{
    private readonly Lock _gate = new();
    private Activation[] _activations = [];
    private bool _gone;

    public string Key { get; } = key;

    /// <summary>The activations at this moment.</summary>
    public ReadOnlySpan<Activation> Activations => Volatile.Read(ref _activations);

    /// <summary>Hands a request to an activation, a new one if need be.</summary>
    /// <returns>False if this set is gone; the caller then looks the key up anew.</returns>
    public bool TryDispatch(GrainRequest request)
    {
        while (true)
        {
            Activation? activation;
            lock (_gate)
            {
                if (_gone)
                {
                    return false;
                }

                activation = Choose();
                if (activation is null)
                {
                    if (grainClass.Host.IsStopping)
                    {
                        Leave();
                        request.TryFail(new InvalidOperationException($"{request.Method.Name}: the grain host is stopping."));
                        return true;
                    }

                    activation = new Activation(grainClass, this);
                    _activations = [.. _activations, activation];
                }
            }

            if (activation.TryEnqueue(request))
            {
                return true;
            }

            Remove(activation);
        }
    }

    public void Remove(Activation activation)
    {
        lock (_gate)
        {
            var left = Array.FindAll(_activations, other => other != activation);
            if (left.Length == 0 && _activations.Length > 0)
            {
                Leave();
            }

            _activations = left;
        }
    }

    /// <summary>The activation with the least to do, or null if a new one is better and allowed.</summary>
    private Activation? Choose()
    {
        Activation? best = null;
        foreach (var activation in _activations)
        {
            if (best is null || activation.Load < best.Load)
            {
                best = activation;
            }
        }

        return _activations.Length < grainClass.MaxActivations && best is { Load: > 0 } ? null : best;
    }

    private void Leave()
    {
        _gone = true;
        grainClass.Forget(this);
    }
}
