using System.Collections.Concurrent;
using System.Reflection;
using HeliosEdge.Grains.Embedded.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Grains.Embedded.Activations;

/// <summary>A grain class and the activations of it that are alive.</summary>
internal sealed class GrainClass(GrainHost host, Type type)
{
    private readonly ObjectFactory _newGrain = ActivatorUtilities.CreateFactory(type, Type.EmptyTypes);
    private readonly ConcurrentDictionary<string, ActivationSet> _sets = new(StringComparer.Ordinal);

    public GrainHost Host { get; } = host;

    public string Name { get; } = type.Name;

    public bool IsReentrant { get; } = type.GetCustomAttribute<ReentrantAttribute>() is not null;

    /// <summary>How many activations one key may have at a time.</summary>
    public int MaxActivations { get; } = type.GetCustomAttribute<StatelessWorkerAttribute>()?.MaxLocalWorkers ?? 1;

    public IEnumerable<Activation> Activations => _sets.SelectMany(entry => entry.Value.Activations.ToArray());

    public Grain NewGrain() => (Grain)_newGrain(Host.Services, null);

    public ActivationSet Find(string key) => _sets.GetOrAdd(key, static (key, self) => new ActivationSet(self, key), this);

    /// <summary>Has every activation look for calls whose time is over, and for the end of its own.</summary>
    public void Sweep(long now, TimeSpan idleAge)
    {
        // There may be a hundred thousand, nearly all of which have nothing to do: they cost a glance, and no memory.
        foreach (var (_, set) in _sets)
        {
            foreach (var activation in set.Activations)
            {
                activation.Sweep(now, idleAge);
            }
        }
    }

    public void Forget(ActivationSet set) => _sets.TryRemove(KeyValuePair.Create(set.Key, set));
}
