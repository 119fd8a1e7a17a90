using System.Net;
using System.Net.Sockets;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Hosting;

[Trait("Category", "Process")]
public sealed class ProgramTests
{
    private static readonly string[] Samples = ["echo", "wordcount", "thumbnail", "greet", "checksum"];

    [Fact]
    public async Task The_demo_deploys_the_samples_calls_each_in_every_region_and_keeps_serving()
    {
        using var folder = new TemporaryFolder();
        await using var silo = SiloProcess.Start("--demo", "--data", folder.Path, "--urls", "http://127.0.0.1:0");

        var address = await silo.AddressAsync();

        var rows = silo.Output.Split('\n').Where(line => line.StartsWith('│')).Select(line => line.Split('│', StringSplitOptions.TrimEntries)).ToArray();
        foreach (var sample in Samples)
        {
            rows.Where(row => row[1] == sample).Select(row => row[2]).ShouldBe(["eu-west", "us-east", "ap-south"]);
            silo.Output.ShouldContain($"curl '{address}v1/functions/{sample}/invoke?region=ap-south'");
        }

        rows.Where(row => row[1] == "process-order").Select(row => (row[2], row[6])).ShouldBe([("eu-west", """{"order":1,"total":700}""")]);
        silo.Output.ShouldContain($"curl '{address}v1/procedures/process-order/call?region=eu-west' -d '[");
        rows.Where(row => row[1] == "echo").ShouldAllBe(row => row[6] == "Hello, edge!");
        using var http = new HttpClient { BaseAddress = address };
        using var response = await http.PostAsync("/v1/functions/checksum/invoke?region=us-east", new StringContent("abc"));
        (await response.Content.ReadAsStringAsync()).ShouldContain("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        (await silo.TerminateAsync()).ShouldBe(0);

        await using var again = SiloProcess.Start("--demo", "--data", folder.Path, "--urls", "http://127.0.0.1:0");
        await again.AddressAsync();
        again.Output.ShouldContain("""{"order":2,"total":700}""");
    }

    [Fact]
    public async Task A_silo_that_is_alone_listens_for_http_and_nothing_else_and_says_nothing_of_its_grain_host()
    {
        using var folder = new TemporaryFolder();
        await using var silo = SiloProcess.Start("--data", folder.Path, "--urls", "http://127.0.0.1:0");

        var address = await silo.AddressAsync();

        silo.ListeningPorts().ShouldBe([address.Port]);
        silo.Output.ShouldNotContain("Orleans");
        silo.Output.ShouldNotContain("warm-up");
    }

    [Fact]
    public async Task A_port_in_use_is_one_clear_line()
    {
        using var folder = new TemporaryFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";

        var (exitCode, _, error) = await SiloProcess.RunAsync(["--urls", url, "--data", folder.Path]);

        exitCode.ShouldBe(1);
        error.Trim().ShouldBe($"helios-silo: {url} is in use by another process; choose another address with --urls.");
    }

    [Fact]
    public async Task Help_lists_every_switch_with_its_other_names()
    {
        var (exitCode, output, _) = await SiloProcess.RunAsync(["--help"]);

        exitCode.ShouldBe(0);
        foreach (var setting in Setting.All)
        {
            output.ShouldContain($"--{setting.Name}");
            output.ShouldContain(setting.EnvironmentVariable);
            output.ShouldContain(setting.JsonMember);
        }
    }

    [Theory]
    [InlineData("--nonsense", "--nonsense")]
    [InlineData("--urls=ftp://a", "ftp://a")]
    [InlineData("--urls=https://127.0.0.1:1", "TLS")]
    [InlineData("--urls=", "--urls")]
    [InlineData("--regions=a,a", "twice")]
    [InlineData("--regions=Eu", "\"Eu\"")]
    [InlineData("--max-memory-mib=5000", "4096")]
    [InlineData("--max-timeout-ms=soon", "--max-timeout-ms")]
    [InlineData("--guest-threads=0", "guest threads")]
    [InlineData("--code-cache-mib=-1", "--code-cache-mib must be a whole number")]
    [InlineData("--engine=v8", "wasmtime or managed")]
    [InlineData("--allow-engine=managed,v8", "--allow-engine is wasmtime or managed, not \"v8\"")]
    public async Task A_switch_that_is_not_right_is_named_and_ends_with_2(string argument, string named)
    {
        var (exitCode, _, error) = await SiloProcess.RunAsync([argument]);

        exitCode.ShouldBe(2);
        error.ShouldStartWith("helios-silo: ");
        error.ShouldContain(named);
        error.Trim().ShouldNotContain('\n');
    }

    [Fact]
    public async Task A_folder_that_can_not_be_made_is_named_and_ends_with_1()
    {
        var (exitCode, _, error) = await SiloProcess.RunAsync(["--data", "/dev/null/state", "--urls", "http://127.0.0.1:0"]);

        exitCode.ShouldBe(1);
        error.ShouldContain("/dev/null/state");
    }

    [Theory]
    [InlineData]
    [InlineData("--engine", "wasmtime")]
    public async Task Libwasmtime_that_is_not_there_ends_with_1_and_what_to_do(params string[] engine)
    {
        using var folder = new TemporaryFolder();

        var (exitCode, _, error) = await SiloProcess.RunAsync(
            [.. engine, "--data", folder.Path, "--urls", "http://127.0.0.1:0"], ("HELIOS_WASMTIME_LIB", "/nowhere/libwasmtime.so"));

        exitCode.ShouldBe(1);
        error.ShouldStartWith("helios-silo: Guests run on libwasmtime, which cannot be loaded: libwasmtime was not found: /nowhere/libwasmtime.so");
        error.ShouldContain("--engine managed");
        error.Trim().ShouldNotContain('\n');
    }

    [Fact]
    public async Task Libwasmtime_that_functions_may_choose_and_that_is_not_there_ends_with_1()
    {
        using var folder = new TemporaryFolder();

        var (exitCode, _, error) = await SiloProcess.RunAsync(
            ["--engine", "managed", "--allow-engine", "wasmtime", "--data", folder.Path, "--urls", "http://127.0.0.1:0"],
            ("HELIOS_WASMTIME_LIB", "/nowhere/libwasmtime.so"));

        exitCode.ShouldBe(1);
        error.ShouldStartWith("helios-silo: --allow-engine lets functions choose libwasmtime, which cannot be loaded: libwasmtime was not found: /nowhere/libwasmtime.so");
        error.Trim().ShouldNotContain('\n');
    }

    [Fact]
    public async Task The_managed_engine_needs_no_library()
    {
        using var folder = new TemporaryFolder();
        await using var silo = SiloProcess.Start(
            ["--engine", "managed", "--data", folder.Path, "--urls", "http://127.0.0.1:0"], ("HELIOS_WASMTIME_LIB", "/nowhere/libwasmtime.so"));

        await silo.AddressAsync();

        await silo.WaitForAsync("managed engine.");
        silo.Output.Split("Guests run on").Length.ShouldBe(2);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    public async Task Compiled_code_is_kept_unless_the_cache_is_off(string mebibytes, int kept)
    {
        using var folder = new TemporaryFolder();
        await using var silo = SiloProcess.Start("--code-cache-mib", mebibytes, "--data", folder.Path, "--urls", "http://127.0.0.1:0");
        using var http = new HttpClient { BaseAddress = await silo.AddressAsync() };

        using var uploaded = await http.PutAsync("/v1/modules", new ByteArrayContent(TestSilo.Guest("echo")));

        uploaded.StatusCode.ShouldBe(HttpStatusCode.Created);
        var code = Path.Combine(folder.Path, "code");
        (Directory.Exists(code) ? Directory.GetFiles(code).Length : 0).ShouldBe(kept);
    }

    [Fact]
    public async Task The_environment_sets_what_the_command_line_does_not()
    {
        var (exitCode, _, error) = await SiloProcess.RunAsync(["--regions", "one,two"], ("HELIOS_MAX_MEMORY_MIB", "x"), ("HELIOS_REGIONS", "Not_Used"));

        exitCode.ShouldBe(2);
        error.ShouldContain("--max-memory-mib must be a whole number");
    }
}
