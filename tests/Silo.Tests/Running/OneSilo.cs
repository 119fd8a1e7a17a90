namespace HeliosEdge.Silo.Tests.Running;

/// <summary>A silo that the tests of a class share.</summary>
public sealed class OneSilo : IAsyncLifetime
{
    internal TestSilo Silo { get; private set; } = null!;

    public async Task InitializeAsync() => Silo = await TestSilo.StartAsync();

    public async Task DisposeAsync() => await Silo.DisposeAsync();
}
