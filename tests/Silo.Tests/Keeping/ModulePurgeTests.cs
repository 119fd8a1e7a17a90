using System.Net;
using System.Text;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.Silo.Tests.Keeping;

/// <summary>Modules that no function names are forgotten after a time, on disk too.</summary>
[Trait("Category", "Slow")]
public sealed class ModulePurgeTests
{
    [Fact]
    public Task In_SQLite() => CheckAsync(postgres: null);

    [PostgresFact]
    public async Task In_PostgreSQL()
    {
        await CheckAsync(await PostgresServer.NewDatabaseAsync());
    }

    private static async Task CheckAsync(string? postgres)
    {
        using var folder = new TemporaryFolder();
        string named, unnamed, earlier;
        await using (var silo = await TestSilo.StartAsync(folder.Path, postgres: postgres))
        {
            var purge = silo.Services.GetRequiredService<ModulePurge>();
            earlier = await UploadAsync(silo, "earlier version");
            await RegisterAsync(silo, "f", earlier);
            named = await UploadAsync(silo, "named");
            await RegisterAsync(silo, "f", named);
            unnamed = await UploadAsync(silo, "unnamed");
            await purge.PurgeAsync();

            // For a day nothing is forgotten.
            Code(folder).ShouldBe(3);
            await FoundAsync(silo, (named, true), (earlier, true), (unnamed, true));
        }

        await using (var silo = await TestSilo.StartAsync(
            folder.Path, postgres: postgres, configure: options => options with { Modules = new ModuleRetention { Unnamed = TimeSpan.Zero } }))
        {
            var purge = silo.Services.GetRequiredService<ModulePurge>();
            (await silo.CallAsync("f", [1])).ShouldBe([1]);
            await FoundAsync(silo, (unnamed, true));

            await purge.PurgeAsync();

            Code(folder).ShouldBe(2);
            await FoundAsync(silo, (named, true), (earlier, true), (unnamed, false));
            using (var refused = await silo.RegisterAsync("g", $$"""{"module":"{{unnamed}}"}"""))
            {
                await Answer.ProblemAsync(refused, HttpStatusCode.NotFound, "module_not_found");
            }

            using (var rolledBack = await silo.Http.PostAsync("/v1/functions/f/rollback", new StringContent("""{"version":1}""", Encoding.UTF8, "application/json")))
            {
                rolledBack.StatusCode.ShouldBe(HttpStatusCode.OK);
                (await silo.CallAsync("f", [2])).ShouldBe([2]);
            }

            (await silo.Http.DeleteAsync("/v1/functions/f")).IsSuccessStatusCode.ShouldBeTrue();
            await purge.PurgeAsync();

            Code(folder).ShouldBe(0);
            await FoundAsync(silo, (named, false), (earlier, false));

            // What comes again is as new.
            await RegisterAsync(silo, "f", await UploadAsync(silo, "named"));
            (await silo.CallAsync("f", [3])).ShouldBe([3]);
        }
    }

    private static int Code(TemporaryFolder folder) => Directory.EnumerateFiles(Path.Combine(folder.Path, "code")).Count();

    private static async Task<string> UploadAsync(TestSilo silo, string which)
    {
        using var uploaded = await silo.UploadAsync(Variants.OfEcho(which));
        return (await Answer.JsonAsync(uploaded))["hash"]!.GetValue<string>();
    }

    private static async Task RegisterAsync(TestSilo silo, string name, string module)
    {
        using var registered = await silo.RegisterAsync(name, $$"""{"module":"{{module}}"}""");
        await Answer.JsonAsync(registered);
    }

    private static async Task FoundAsync(TestSilo silo, params (string Hash, bool IsStored)[] modules)
    {
        foreach (var (hash, isStored) in modules)
        {
            using var answer = await silo.Http.GetAsync($"/v1/modules/{hash}");
            answer.StatusCode.ShouldBe(isStored ? HttpStatusCode.OK : HttpStatusCode.NotFound);
        }
    }
}
