using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;
using Xunit.Abstractions;

namespace HeliosEdge.Silo.Tests.Keeping;

/// <summary>
/// A silo has in the end what it had after the first few deployments. <c>HELIOS_SOAK_CYCLES</c> says how often a function is deployed, called and
/// deleted, <c>HELIOS_SOAK_MINUTES</c> for how long callers, queued calls, HTTP and deployments go on beside each other.
/// </summary>
[Trait("Category", "Process")]
public sealed class SoakTests(ITestOutputHelper output)
{
    private static readonly int Cycles = Stated("HELIOS_SOAK_CYCLES", 300);
    private static readonly TimeSpan Load = TimeSpan.FromMinutes(Stated("HELIOS_SOAK_MINUTES", 0));

    // More modules than there are places that are kept warm.
    private const int WarmUpCycles = 200;
    private const int WarmUpRounds = WarmUpCycles / CyclesInRound;
    private const int CyclesInRound = 4;

    [LinuxTheory]
    [InlineData("managed")]
    [InlineData("wasmtime")]
    public async Task Functions_that_are_deployed_called_and_deleted_leave_nothing(string engine)
    {
        await using var soak = await Soak.StartAsync(engine);
        await CycleAsync(soak.Http, "warm-up", WarmUpCycles);
        var before = await soak.SettleAsync();
        output.WriteLine($"{engine} after {WarmUpCycles} cycles: {before}");

        await CycleAsync(soak.Http, "soak", Cycles);

        await soak.ReturnsToAsync(before, output, $"{engine} after {Cycles} more cycles");
    }

    [LinuxTheory]
    [InlineData("managed")]
    [InlineData("wasmtime")]
    public async Task A_mixed_load_leaves_nothing(string engine)
    {
        await using var soak = await Soak.StartAsync(engine);
        await ProcessMemoryTests.DeployAsync(soak.Http, "echo", "echo", "handle", []);
        await ProcessMemoryTests.DeployAsync(soak.Http, "hog", "hog", "handle", new JsonObject { ["memoryMiB"] = 32 });
        await ProcessMemoryTests.DeployAsync(soak.Http, "spin", "spin", "handle", new JsonObject { ["timeoutMs"] = 50 });
        await MixAsync(soak.Http, "warm-up", rounds: WarmUpRounds, TimeSpan.Zero);
        var before = await soak.SettleAsync();
        output.WriteLine($"{engine} after {WarmUpRounds} rounds: {before}");

        var rounds = await MixAsync(soak.Http, "soak", rounds: 30, Load);

        await soak.ReturnsToAsync(before, output, $"{engine} after {rounds} more rounds");
    }

    private static async Task CycleAsync(HttpClient http, string prefix, int count) =>
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) =>
        {
            var name = $"{prefix}-{i}";
            using var uploaded = await http.PutAsync("/v1/modules", new ByteArrayContent(Variants.OfEcho(name)));
            var module = (await Answer.JsonAsync(uploaded))["hash"]!.GetValue<string>();
            using var registered = await http.PutAsync(
                $"/v1/functions/{name}", new StringContent($$"""{"module":"{{module}}"}""", Encoding.UTF8, "application/json"));
            await Answer.JsonAsync(registered);
            using var answer = await http.PostAsync($"/v1/functions/{name}/invoke", new ByteArrayContent([1, 2]));
            (await answer.Content.ReadAsByteArrayAsync()).ShouldBe([1, 2]);
            using var deleted = await http.DeleteAsync($"/v1/functions/{name}");
            deleted.IsSuccessStatusCode.ShouldBeTrue();
        });

    private static async Task<int> MixAsync(HttpClient http, string prefix, int rounds, TimeSpan time)
    {
        var until = DateTime.UtcNow + time;
        var round = 0;
        for (; round < rounds || DateTime.UtcNow < until; round++)
        {
            await Task.WhenAll(
                CycleAsync(http, $"{prefix}-{round}", CyclesInRound),
                CallAsync("echo", 40),
                CallAsync("hog", 4),
                CallAsync("spin", 2),
                QueueAsync(10));
        }

        return round;

        async Task CallAsync(string function, int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var answer = await http.PostAsync($"/v1/functions/{function}/invoke", new ByteArrayContent(new byte[1_000]));
                await answer.Content.ReadAsByteArrayAsync();
            }
        }

        async Task QueueAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var accepted = await http.PostAsync("/v1/functions/echo/invoke-async", new ByteArrayContent([1]));
                accepted.IsSuccessStatusCode.ShouldBeTrue();
            }
        }
    }

    private static int Stated(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var stated) ? stated : otherwise;

    private sealed class Soak(SiloProcess silo, TemporaryFolder folder, Uri address) : IAsyncDisposable
    {
        public HttpClient Http { get; } = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };

        public static async Task<Soak> StartAsync(string engine)
        {
            var folder = new TemporaryFolder();

            // The collector of servers lets garbage lie that would look as what is left behind. And on a small machine few places for instances
            // are kept warm, all of which the warm-up comes to.
            var silo = SiloProcess.Start(
                ["--data", folder.Path, "--urls", "http://127.0.0.1:0", "--engine", engine], ("DOTNET_gcServer", "0"), ("DOTNET_GCHeapHardLimit", "20000000"));
            return new Soak(silo, folder, await silo.AddressAsync());
        }

        /// <summary>Waits until nothing is given back any more.</summary>
        public async Task<SiloFootprint> SettleAsync()
        {
            var least = SiloFootprint.Of(silo.Id);
            for (var unchanged = 0; unchanged < 10; unchanged++)
            {
                await Task.Delay(500);
                var now = SiloFootprint.Of(silo.Id);
                if (now.Mappings < least.Mappings || now.Descriptors < least.Descriptors)
                {
                    (least, unchanged) = (now, 0);
                }
            }

            return SiloFootprint.Of(silo.Id);
        }

        public async Task ReturnsToAsync(SiloFootprint before, ITestOutputHelper output, string what)
        {
            output.WriteLine($"{what}, at once: {SiloFootprint.Of(silo.Id)}");
            var last = before;
            try
            {
                await Eventually.HoldsAsync("the silo to have what it had", () => Task.FromResult((last = SiloFootprint.Of(silo.Id)).IsWithin(before)));
            }
            finally
            {
                output.WriteLine($"{what}, in the end: {last}");
            }
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await silo.DisposeAsync();
            folder.Dispose();
        }
    }
}
