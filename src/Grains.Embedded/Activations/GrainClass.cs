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

    public IEnumerable<Activation> Activations => _sets.Values.SelectMany(set => set.Snapshot());

    public Grain NewGrain() => (Grain)_newGrain(Host.Services, null);

    public ActivationSet Find(string key) => _sets.GetOrAdd(key, static (key, self) => new ActivationSet(self, key), this);

    public void Forget(ActivationSet set) => _sets.TryRemove(KeyValuePair.Create(set.Key, set));
}
