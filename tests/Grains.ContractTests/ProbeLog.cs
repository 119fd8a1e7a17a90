using System.Collections.Concurrent;
using Orleans;

namespace HeliosEdge.Grains.ContractTests;

/// <summary>What the probes and the test tell each other.</summary>
public sealed class ProbeLog
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();
    private readonly ConcurrentDictionary<string, int> _entered = new();
    private readonly ConcurrentDictionary<string, int> _activated = new();
    private readonly ConcurrentQueue<(string Key, DeactivationReasonCode Reason)> _deactivated = new();
    private readonly ConcurrentDictionary<string, bool> _failing = new();

    public IReadOnlyCollection<(string Key, DeactivationReasonCode Reason)> Deactivations => _deactivated;

    public int Activations(string key) => _activated.GetValueOrDefault(key);

    public int Inside(string gate) => _entered.GetValueOrDefault(gate);

    public Task Gate(string gate) => _gates.GetOrAdd(gate, NewGate).Task;

    public void Open(string gate) => _gates.GetOrAdd(gate, NewGate).TrySetResult();

    public void LetFail(string key, bool fail) => _failing[key] = fail;

    public bool ShouldFail(string key) => _failing.GetValueOrDefault(key);

    public void Entered(string gate) => _entered.AddOrUpdate(gate, 1, (_, count) => count + 1);

    public void Activated(string key) => _activated.AddOrUpdate(key, 1, (_, count) => count + 1);

    public void Deactivated(string key, DeactivationReasonCode reason) => _deactivated.Enqueue((key, reason));

    private static TaskCompletionSource NewGate(string gate) => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
