using System.Net;
using System.Net.Sockets;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Tests.Faults;

namespace HeliosEdge.Silo.Tests.Hosting;

/// <summary>Whatever keeps a silo from starting is one line on standard error, and nothing looks like a crash before it.</summary>
[Trait("Category", "Process")]
public sealed class StartFailureTests
{
    private const string AnyPort = "http://127.0.0.1:0";

    [Theory]
    [InlineData("ulimit -n 60", "This process may have 60 files open (ulimit -n); a silo needs at least 768.")]
    [InlineData("ulimit -n 500", "This process may have 500 files open (ulimit -n); a silo needs at least 768.")]
    [InlineData("ulimit -v 3000000", "The address space of this process is limited to 2929 MiB (ulimit -v); a silo needs at least 8192 MiB.")]
    public async Task Too_little_of_the_system_is_told(string limit, string told)
    {
        using var folder = new TemporaryFolder();

        IsOneLine(await SiloProcess.RunAfterAsync(limit, "--data", folder.Path, "--urls", AnyPort), 1, told);
    }

    [Fact]
    public void Limits_are_read_as_the_system_states_them()
    {
        const string enough = """
            Limit                     Soft Limit           Hard Limit           Units
            Max address space         unlimited            unlimited            bytes
            Max open files            768                  1048576              files
            """;

        StartConditions.Fault(enough).ShouldBeNull();
        StartConditions.Fault(enough.Replace("768 ", "767 ", StringComparison.Ordinal))!.ShouldContain("767 files open");
        StartConditions.Fault(enough.Replace("unlimited            unlimited", "8589934591           unlimited", StringComparison.Ordinal))!.ShouldContain("8191 MiB");
        StartConditions.Fault("").ShouldBeNull();
    }

    [Theory]
    [InlineData("http://192.0.2.1:80", "Cannot listen on http://192.0.2.1:80")]
    [InlineData("http://localhost:0", "localhost")]
    public async Task An_address_that_cannot_be_listened_on_is_named(string url, string told)
    {
        using var folder = new TemporaryFolder();
        await Access.KeyHolder.AddKeyAsync(folder.Path, "read");

        IsOneLine(await SiloProcess.RunAsync(["--data", folder.Path, "--urls", url]), 1, told);
    }

    [Fact]
    public async Task A_port_in_use_leaves_no_stack_trace_in_the_output_either()
    {
        using var folder = new TemporaryFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        IsOneLine(
            await SiloProcess.RunAsync(["--data", folder.Path, "--urls", $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}"]), 1, "in use by another process");
    }

    [Fact]
    public async Task PostgreSQL_that_cannot_be_reached_is_named_without_the_password()
    {
        using var folder = new TemporaryFolder();
        var ended = await SiloProcess.RunAsync(["--data", folder.Path, "--urls", AnyPort, "--store", "postgres://me:s3cret@127.0.0.1:1/db"]);

        IsOneLine(ended, 1, "127.0.0.1:1/db");
        (ended.Output + ended.Error).ShouldNotContain("s3cret");
    }

    [SmallDiskFact]
    public async Task A_folder_that_can_only_be_read_and_a_full_disk_are_named()
    {
        using var disk = new SmallDisk(1);
        var folder = Path.Combine(disk.Path, "data");
        disk.Fill();

        IsOneLine(await SiloProcess.RunAsync(["--data", folder, "--urls", AnyPort]), 1, folder);
        disk.Empty();
        Directory.CreateDirectory(folder);
        IsOneLine(await SiloProcess.RunAfterAsync($"mount -o remount,ro {disk.Path}", "--data", folder, "--urls", AnyPort), 1, folder);
    }

    [Theory]
    [InlineData("""{ "Helios": """, "appsettings.json")]
    [InlineData("""{ "Helios": { "region": "a" } }""", "region")]
    [InlineData("""{ "Helios": { "regions": ["a"] } }""", "regions")]
    [InlineData("""{ "Helios": "fast" }""", "fast")]
    [InlineData("""{ "Kestrel": { "Endpoints": { "all": { "Url": "http://*:5000" } } } }""", "Kestrel")]
    [InlineData("""{ "Logging": { "LogLevel": { "Default": "Loud" } } }""", "Loud")]
    [InlineData("""{ "Logging": { "File": { "Path": "x" } } }""", "Logging:File")]
    [InlineData("""{ "Logging": { "Console": { "FormatterName": "xml" } } }""", "xml")]
    public async Task A_file_of_settings_that_is_not_right_is_named(string json, string told)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "appsettings.json"), json);

        IsOneLine(await SiloProcess.RunAfterAsync($"cd {folder.Path}", "--data", folder.Path, "--urls", AnyPort), 2, told);
    }

    [Theory]
    [InlineData("Kestrel__Endpoints__all__Url", "http://*:5000")]
    [InlineData("ASPNETCORE_Kestrel__Endpoints__all__Url", "http://*:5000")]
    [InlineData("ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", "Evil")]
    [InlineData("ASPNETCORE_CONTENTROOT", "/")]
    [InlineData("DOTNET_contentRoot", "/")]
    [InlineData("DOTNET_Logging__LogLevel__Default", "Debug")]
    public async Task Variables_that_a_silo_does_not_take_are_refused_by_name(string name, string value)
    {
        using var folder = new TemporaryFolder();

        IsOneLine(await SiloProcess.RunAsync(["--data", folder.Path, "--urls", AnyPort], (name, value)), 2, name);
    }

    [Theory]
    [InlineData("ASPNETCORE_URLS", "ftp://nowhere")]
    [InlineData("DOTNET_URLS", "ftp://nowhere")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "ninety")]
    [InlineData("ASPNETCORE_HTTPS_PORTS", "ninety")]
    [InlineData("Logging__LogLevel__Default", "ninety")]
    public async Task Variables_that_a_silo_takes_are_checked_like_its_own(string name, string value)
    {
        using var folder = new TemporaryFolder();

        IsOneLine(await SiloProcess.RunAsync(["--data", folder.Path], (name, value)), 2, value);
    }

    [Fact]
    public async Task Variables_that_a_silo_takes_hold()
    {
        using var folder = new TemporaryFolder();
        await using var silo = SiloProcess.Start(
            ["--data", folder.Path],
            ("ASPNETCORE_URLS", "http://127.0.0.2:0"),
            ("Logging__LogLevel__HeliosEdge", "Warning"),
            ("ASPNETCORE_ENVIRONMENT", "Production"));

        (await silo.AddressAsync()).Host.ShouldBe("127.0.0.2");
        silo.Output.ShouldNotContain("Guests run on");
    }

    [Fact]
    public async Task A_log_in_another_form_is_written_in_that_form()
    {
        using var folder = new TemporaryFolder();
        await using var silo = SiloProcess.Start(["--data", folder.Path, "--urls", AnyPort], ("Logging__Console__FormatterName", "json"));

        await silo.AddressAsync();
        await silo.WaitForAsync("\"Category\":\"HeliosEdge.Silo.Hosting.SiloHost\"");
    }

    private static void IsOneLine((int ExitCode, string Output, string Error) ended, int exitCode, string told)
    {
        ended.Error.Trim().ShouldNotContain('\n');
        ended.Error.ShouldStartWith("helios-silo: ");
        ended.Error.ShouldContain(told);
        ended.ExitCode.ShouldBe(exitCode);
        ended.Output.Split(Environment.NewLine).ShouldAllBe(line => !line.Contains("   at ", StringComparison.Ordinal));
    }
}
