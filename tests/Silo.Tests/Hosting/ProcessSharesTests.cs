using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Hosting;

namespace HeliosEdge.Silo.Tests.Hosting;

/// <summary>How a silo divides what the system lets it have.</summary>
public sealed class ProcessSharesTests
{
    private const long GiB = 1L << 30;

    [Theory]
    [InlineData(768, 64)]
    [InlineData(1_024, 256)]
    [InlineData(4_096, 2_560)]
    [InlineData(1_048_576, 10_000)]
    [InlineData(long.MaxValue, 10_000)]
    public void Connections_and_modules_stay_below_the_limit_of_open_files(long descriptors, int connections)
    {
        var shares = Of(descriptors);

        shares.Connections.ShouldBe(connections);
        (shares.Connections + shares.Modules.Loaded.Descriptors).ShouldBeLessThan(descriptors);
    }

    [Fact]
    public void What_modules_may_take_leaves_most_mappings_and_memory_to_others()
    {
        var loaded = Of(1_024).Modules.Loaded;

        (loaded.Mappings, loaded.Bytes).ShouldBe((21_843, GiB / 2));
        Of(1_024, memory: 100 * GiB).Modules.Loaded.Bytes.ShouldBe(GiB);
        Of(1_024, memory: GiB / 8).Modules.Loaded.Bytes.ShouldBe(GiB / 16);
    }

    [Theory]
    [InlineData(767, 65_530, "767 files open (ulimit -n)")]
    [InlineData(1_024, 16_383, "16383 mappings of memory (vm.max_map_count)")]
    public void A_silo_does_not_start_with_too_little(long descriptors, long mappings, string reason) =>
        Should.Throw<SiloStartException>(() => Of(descriptors, mappings)).Message.ShouldContain(reason);

    [Fact]
    public void More_connections_than_there_is_room_for_are_an_error_that_names_the_setting()
    {
        var connections = new ConnectionLimits { MaxConnections = 257 };

        Should.Throw<InvalidSettingException>(() => Of(1_024, configure: options => options with { Access = new AccessOptions { Connections = connections } }))
            .Message.ShouldBe("--max-connections 257 is more than the 256 connections that 1024 open files leave room for; raise ulimit -n.");
        Of(1_024, configure: options => options with { Access = new AccessOptions { Connections = connections with { MaxConnections = 256 } } }).Connections.ShouldBe(256);
    }

    [Theory]
    [InlineData(63)]
    [InlineData(4_097)]
    public void Memory_of_guests_that_is_too_little_or_not_there_is_an_error(int mebibytes) =>
        Should.Throw<InvalidSettingException>(() => Of(1_024, configure: options => options with { GuestMemoryMiB = mebibytes }))
            .Message.ShouldBe($"--guest-memory-mib must be from 64 to 4096, which is what this process may have, not {mebibytes}.");

    [Fact]
    public void Memory_of_guests_is_what_was_stated() =>
        Of(1_024, configure: options => options with { GuestMemoryMiB = 100 }).GuestMemoryBytes.ShouldBe(100L << 20);

    private static ProcessShares Of(long descriptors, long mappings = 65_530, long memory = 4 * GiB, Func<SiloOptions, SiloOptions>? configure = null)
    {
        var options = new SiloOptions
        {
            Urls = [],
            DataFolder = "",
            Regions = new ServedRegions(["eu"]),
            Limits = new ProcessLimits(descriptors, mappings, memory),
        };
        return ProcessShares.Of(configure?.Invoke(options) ?? options);
    }
}
