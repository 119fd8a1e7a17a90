using System.Globalization;
using System.Net;
using System.Text;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.Silo.Tests.Keeping;

/// <summary>More modules than can be in memory at once, of which one takes more with the managed engine. <c>HELIOS_MANY_MODULES</c> says how many.</summary>
[Trait("Category", "Slow")]
public sealed class ManyModulesTests
{
    private const int LeastMappings = 16_384;

    private static readonly int? Stated =
        int.TryParse(Environment.GetEnvironmentVariable("HELIOS_MANY_MODULES"), NumberStyles.None, CultureInfo.InvariantCulture, out var stated) ? stated : null;

    [Theory]
    [InlineData(nameof(EngineKind.Managed), 900)]
    [InlineData(nameof(EngineKind.Wasmtime), 1_500)]
    public async Task All_serve_in_turn_and_never_take_more_than_they_may(string engine, int usual)
    {
        var count = Stated ?? usual;
        await using var silo = await TestSilo.StartAsync(
            engine: Enum.Parse<EngineKind>(engine),
            regions: ["eu-west"],
            configure: options => options with { Limits = options.Limits with { Mappings = LeastMappings } });
        var cache = silo.Services.GetRequiredService<ModuleCache>();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) =>
        {
            using var uploaded = await silo.UploadAsync(Variants.OfEcho($"{i}"));
            var module = (await Answer.JsonAsync(uploaded))["hash"]!.GetValue<string>();
            using var registered = await silo.RegisterAsync($"f{i}", $$"""{"module":"{{module}}"}""");
            await Answer.JsonAsync(registered);
        });

        for (var round = 0; round < 2; round++)
        {
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) =>
            {
                var payload = Encoding.ASCII.GetBytes($"{round} {i}");
                (await CallAsync(silo, $"f{i}", payload)).ShouldBe(payload);
            });
            cache.Loaded.Mappings.ShouldBeLessThanOrEqualTo(LeastMappings / 3);
        }

        cache.Count.ShouldBeInRange(100, count - 1);
    }

    // On a busy machine a module may take longer to come back than a call waits; who is told so calls again.
    private static async Task<byte[]> CallAsync(TestSilo silo, string name, byte[] payload)
    {
        while (true)
        {
            using var response = await silo.InvokeAsync(name, payload);
            var body = await response.Content.ReadAsByteArrayAsync();
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                await Answer.ProblemAsync(response, HttpStatusCode.ServiceUnavailable, "compiling");
                continue;
            }

            response.StatusCode.ShouldBe(HttpStatusCode.OK, Encoding.UTF8.GetString(body));
            return body;
        }
    }
}
