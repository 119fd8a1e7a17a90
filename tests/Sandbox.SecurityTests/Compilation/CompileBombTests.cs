using System.Net;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.SecurityTests.Running;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Tests.Access;
using HeliosEdge.Silo.Tests.Running;
using HeliosEdge.Testing.Building;

namespace HeliosEdge.Sandbox.SecurityTests.Compilation;

/// <summary>Modules that are made to hurt the compiler cost their sender, not other callers.</summary>
public sealed class CompileBombTests
{
    private static readonly CompileLimits Limits = new() { MaxSeconds = 3 };

    [Fact]
    public Task Bombs_of_one_caller_do_not_hold_up_another_with_the_managed_engine() => OvertakeAsync(EngineKind.Managed);

    [WasmtimeFact]
    public Task Bombs_of_one_caller_do_not_hold_up_another_with_libwasmtime() => OvertakeAsync(EngineKind.Wasmtime);

    [Fact]
    public Task Of_a_bomb_that_is_refused_nothing_stays_with_the_managed_engine() => RefuseAsync(EngineKind.Managed);

    [WasmtimeFact]
    public Task Of_a_bomb_that_is_refused_nothing_stays_with_libwasmtime() => RefuseAsync(EngineKind.Wasmtime);

    [Fact]
    public async Task Operands_without_end_are_no_reason_for_others_to_wait()
    {
        await using var silo = await TestSilo.StartAsync(engine: EngineKind.Managed);
        await silo.DeployAsync("healthy", "echo");
        var bomb = silo.UploadAsync(BombModule.Vectors(8_000));

        (await silo.CallAsync("healthy", [7])).ShouldBe([7]);

        await CompiledOrRefusedAsync(await bomb);
    }

    private static async Task OvertakeAsync(EngineKind engine)
    {
        using var folder = new TemporaryFolder();
        var greedy = (await KeyHolder.AddKeyAsync(folder.Path, "deploy")).Text;
        var modest = (await KeyHolder.AddKeyAsync(folder.Path, "deploy")).Text;
        await using var silo = await TestSilo.StartAsync(folder.Path, engine: engine, configure: options => options with { Compiling = Limits });
        using var bomber = silo.With(greedy);
        using var other = silo.With(modest);
        bomber.Timeout = other.Timeout = TimeSpan.FromMinutes(10);
        var bombs = Enumerable.Range(0, 4).Select(i => bomber.PutAsync("/v1/modules", new ByteArrayContent(BombModule.Calls(100, 20_000 + i)))).ToArray();

        foreach (var guest in (string[])["echo", "counter", "wasi_upper"])
        {
            (await other.PutAsync("/v1/modules", new ByteArrayContent(TestSilo.Guest(guest)))).StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        bombs.ShouldContain(bomb => !bomb.IsCompleted);
        foreach (var bomb in bombs)
        {
            await CompiledOrRefusedAsync(await bomb);
        }
    }

    private static async Task RefuseAsync(EngineKind engine)
    {
        using var folder = new TemporaryFolder();
        await using var silo = await TestSilo.StartAsync(folder.Path, engine: engine, configure: options => options with { Compiling = new CompileLimits { MaxSeconds = 1 } });
        silo.Http.Timeout = TimeSpan.FromMinutes(10);
        var module = BombModule.Calls(100, 40_000);
        var before = Files(folder.Path);

        var problem = await Answer.ProblemAsync(await silo.UploadAsync(module), HttpStatusCode.UnprocessableEntity, "compile_limit_exceeded");

        problem["limit"]!.GetValue<long>().ShouldBe(1);
        problem["value"]!.GetValue<long>().ShouldBeGreaterThanOrEqualTo(1);
        (await silo.Http.GetAsync($"/v1/modules/{ModuleHash.Of(module)}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        Files(folder.Path).ShouldBe(before);
    }

    private static async Task CompiledOrRefusedAsync(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            await Answer.ProblemAsync(response, HttpStatusCode.UnprocessableEntity, "compile_limit_exceeded");
        }
    }

    private static string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith("-wal", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal)).Order()];
}
