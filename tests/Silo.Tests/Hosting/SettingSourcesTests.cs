using HeliosEdge.Settings;
using HeliosEdge.Silo.Hosting;
using Microsoft.Extensions.Configuration;

namespace HeliosEdge.Silo.Tests.Hosting;

public sealed class SettingSourcesTests
{
    [Fact]
    public void Nothing_set_means_the_defaults()
    {
        var options = Read([])!;

        options.Urls.ShouldBe(["http://127.0.0.1:8080"]);
        options.DataFolder.ShouldBe(Path.GetFullPath("./data"));
        options.Regions.Names.ShouldBe(["eu-west", "us-east", "ap-south"]);
        options.Demo.ShouldBeFalse();
        options.Policy.MaxModuleBytes.ShouldBe(16 << 20);
        options.Policy.Ceiling.MemoryMiB.ShouldBe(512);
        options.Guests.MaxQueued.ShouldBe(1_024);
        options.CodeCacheBytes.ShouldBe(1 << 30);
        options.Postgres.ShouldBeNull();
        options.Versions.Kept.ShouldBe(100);
    }

    [Fact]
    public void The_file_sets_everything()
    {
        var options = Read(
            [],
            ("urls", "http://127.0.0.1:1;http://*:2"),
            ("data", "/somewhere"),
            ("store", "postgres://me@db/helios"),
            ("regions", "a, b"),
            ("demo", "true"),
            ("engine", "managed"),
            ("allowEngine", "wasmtime, managed"),
            ("guestThreads", "3"),
            ("guestQueue", "4"),
            ("codeCacheMib", "10"),
            ("resultHours", "48"),
            ("keepVersions", "12"),
            ("outboundCa", "/etc/authorities.pem"),
            ("maxModuleBytes", "5"),
            ("maxMemoryMib", "6"),
            ("maxTimeoutMs", "7"),
            ("maxPayloadBytes", "8"),
            ("maxResponseBytes", "9"),
            ("maxBundleBytes", "10"),
            ("maxBundleFileBytes", "11"))!;

        options.Urls.ShouldBe(["http://127.0.0.1:1", "http://*:2"]);
        options.DataFolder.ShouldBe("/somewhere");
        options.Postgres!.Host.ShouldBe("db");
        options.Regions.Names.ShouldBe(["a", "b"]);
        options.Demo.ShouldBeTrue();
        options.Engine.ShouldBe(EngineKind.Managed);
        options.AllowedEngines.ShouldBe([EngineKind.Wasmtime, EngineKind.Managed]);
        (options.Guests.Threads, options.Guests.MaxQueued).ShouldBe((3, 4));
        options.CodeCacheBytes.ShouldBe(10 << 20);
        options.ResultLifetime.ShouldBe(TimeSpan.FromDays(2));
        options.Versions.Kept.ShouldBe(12);
        options.OutboundCa.ShouldBe("/etc/authorities.pem");
        options.Policy.MaxModuleBytes.ShouldBe(5);
        var ceiling = options.Policy.Ceiling;
        (ceiling.MemoryMiB, ceiling.TimeoutMs, ceiling.MaxPayloadBytes, ceiling.MaxResponseBytes).ShouldBe((6, 7, 8, 9));
        options.Policy.Defaults.MemoryMiB.ShouldBe(6);
        (options.Policy.Bundles.MaxArchiveBytes, options.Policy.Bundles.MaxFileBytes).ShouldBe((10, 11));
    }

    [Theory]
    [InlineData("--max-bundle-bytes", "0", "--max-bundle-bytes must be from 1 to 536870912, not 0.")]
    [InlineData("--max-bundle-bytes", "536870913", "--max-bundle-bytes must be from 1 to 536870912, not 536870913.")]
    [InlineData("--max-bundle-file-bytes", "0", "--max-bundle-file-bytes must be from 1 to 2147483591, not 0.")]
    [InlineData("--max-bundle-file-bytes", "much", "--max-bundle-file-bytes must be a whole number")]
    public void A_size_of_bundles_out_of_range_is_named(string option, string value, string named) =>
        Should.Throw<InvalidSettingException>(() => Read([option, value])).Message.ShouldContain(named);

    [Fact]
    public void The_command_line_wins_over_the_file() =>
        Read(["--regions", "c", "--demo"], ("regions", "a"), ("demo", "false"))!.ShouldSatisfyAllConditions(
            options => options.Regions.Names.ShouldBe(["c"]),
            options => options.Demo.ShouldBeTrue());

    [Fact]
    public void Something_unknown_in_the_file_is_refused() =>
        Should.Throw<InvalidSettingException>(() => Read([], ("region", "a"))).Message.ShouldContain("sets region in");

    private static SiloOptions? Read(string[] args, params (string Member, string Value)[] file)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(file.Select(entry => KeyValuePair.Create($"Helios:{entry.Member}", (string?)entry.Value)))
            .Build();
        var options = new SettingSources().Read(args, configuration, out var exitCode);
        exitCode.ShouldBe(0);
        return options;
    }
}
