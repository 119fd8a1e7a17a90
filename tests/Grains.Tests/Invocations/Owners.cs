using HeliosEdge.Grains.Invocations;

namespace HeliosEdge.Grains.Tests.Invocations;

/// <summary>A silo, and another one whose attempts end when a test says so.</summary>
internal sealed class Owners : IInvocationOwners
{
    public const string Elsewhere = "there";

    public string Here => "here";

    /// <summary>What the other silo answers; a wait never ends by itself.</summary>
    public TaskCompletionSource<bool> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<Guid> Asked { get; } = [];

    public List<Guid> Interrupted { get; } = [];

    public Task<bool> WaitAsync(string owner, Guid id, TimeSpan atMost, CancellationToken cancellationToken)
    {
        owner.ShouldBe(Elsewhere);
        Asked.Add(id);
        return Answer.Task.WaitAsync(cancellationToken);
    }

    public Task InterruptAsync(string owner, Guid id)
    {
        owner.ShouldBe(Elsewhere);
        Interrupted.Add(id);
        return Task.CompletedTask;
    }
}
