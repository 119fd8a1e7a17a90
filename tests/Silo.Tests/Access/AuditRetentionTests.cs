using HeliosEdge.Access.Audit;
using HeliosEdge.Access.Stores;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Access;

[Trait("Category", "Slow")]
public sealed class AuditRetentionTests
{
    [Fact]
    public async Task A_silo_forgets_changes_that_are_older_than_it_is_told_to_keep_them()
    {
        using var folder = new TemporaryFolder();
        using (var store = new SqliteAccessStore(folder.Path))
        {
            await store.BeginAsync(Entry(DateTimeOffset.UtcNow.AddDays(-31), "/old"));
            await store.BeginAsync(Entry(DateTimeOffset.UtcNow.AddDays(-29), "/new"));
        }

        await using (var forgetful = await TestSilo.StartAsync(
            folder.Path, configure: options => options with { Access = options.Access with { AuditKept = TimeSpan.FromDays(30) } }))
        {
            await Eventually.HoldsAsync("the old entry to go", async () => (await TargetsAsync(forgetful)).SequenceEqual(["/new"]));
        }

        await using var other = await TestSilo.StartAsync(folder.Path);
        (await TargetsAsync(other)).ShouldBe(["/new"]);
    }

    private static AuditEntry Entry(DateTimeOffset at, string target) => new(0, at, "loopback", "function.put", target, 200, "127.0.0.1");

    private static async Task<IEnumerable<string>> TargetsAsync(TestSilo silo) =>
        (await Answer.JsonAsync(await silo.Http.GetAsync("/v1/audit")))["entries"]!.AsArray().Select(entry => entry!["target"]!.GetValue<string>());
}
