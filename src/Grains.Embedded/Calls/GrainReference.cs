using HeliosEdge.Grains.Embedded.Activations;
using Orleans.Runtime;

namespace HeliosEdge.Grains.Embedded.Calls;

/// <summary>Stands for the grain with a key; the proxies derive from it.</summary>
internal abstract class GrainReference(GrainInterface grainInterface, string key) : IAddressable
{
    private ActivationSet? _activations;

    public string Key { get; } = key;

    /// <summary>Sends a request; called by the proxies.</summary>
    protected Task<TResult> Send<TResult>(GrainRequest<TResult> request, int method)
    {
        if (request.Cancellation.IsCancellationRequested)
        {
            return Task.FromCanceled<TResult>(request.Cancellation);
        }

        request.Method = grainInterface.Methods[method];
        var grainClass = grainInterface.Class;
        request.SentAt = grainClass.Host.Now;
        while (true)
        {
            var activations = _activations ??= grainClass.Find(Key);
            if (activations.TryDispatch(request))
            {
                return request.Answer;
            }

            _activations = null;
        }
    }
}
