using System.Globalization;
using Shouldly;
using Xunit;

namespace HeliosEdge.Client.Tests;

/// <summary>The log of changes, with a silo of this class's own.</summary>
[Trait("Category", "Process")]
public sealed class ChangesTests(SharedSilo silo) : IClassFixture<SharedSilo>
{
    [Fact]
    public async Task ChangesAreListedFromTheNewestOnOverAllPages()
    {
        using var client = new HttpEdgeClient(silo.Address);
        for (var i = 0; i < 250; i++)
        {
            await Should.ThrowAsync<EdgeException>(() => client.DeleteFunctionAsync(string.Create(CultureInfo.InvariantCulture, $"missing-{i}")));
        }

        var changes = await client.ListChangesAsync().Take(250).ToListAsync();

        changes.Select(change => change.Target).ShouldBe(Enumerable.Range(0, 250).Reverse().Select(i => $"/v1/functions/missing-{i}"));
        changes.Select(change => change.Number).ShouldBeInOrder(SortDirection.Descending);
        changes.ShouldAllBe(change => change.Status == 404 && change.Who == "loopback" && change.Action == "function.delete");
    }
}
