using HeliosEdge.Settings;
using HeliosEdge.Silo.Hosting;

namespace HeliosEdge.Silo.Tests.Hosting;

public sealed class ClusterOptionsTests
{
    [Fact]
    public void Without_settings_a_silo_is_alone_on_its_machine() =>
        ClusterOptions.From(_ => null).ShouldBe(new ClusterOptions());

    [Fact]
    public void Every_setting_counts()
    {
        var settings = new Dictionary<string, string>
        {
            ["cluster"] = "postgres://u:p@db/helios",
            ["cluster-id"] = "blue",
            ["cluster-address"] = "10.0.0.1",
            ["silo-port"] = "12000",
            ["gateway-port"] = "13000",
            ["dashboard"] = "true",
        };

        var options = ClusterOptions.From(setting => settings.GetValueOrDefault(setting.Name));

        options.ShouldBe(new ClusterOptions
        {
            Members = HeliosEdge.Settings.PostgresUrl.Parse("postgres://u:p@db/helios"),
            Id = "blue",
            Address = System.Net.IPAddress.Parse("10.0.0.1"),
            SiloPort = 12_000,
            GatewayPort = 13_000,
            Dashboard = true,
        });
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("sqlite", "none", null)]
    [InlineData("postgres://u:p@a/one", null, "a")]
    [InlineData("postgres://u:p@a/one", "none", null)]
    [InlineData("postgres://u:p@a/one", "postgres://u:p@b/two", "b")]
    public void Silos_that_share_a_database_are_a_cluster_unless_another_list_or_none_is_stated(string? store, string? cluster, string? host)
    {
        var options = SiloOptions.From(setting => setting == Setting.Store ? store : setting == Setting.Cluster ? cluster : null);

        (options.Members?.Host).ShouldBe(host);
    }

    [Fact]
    public void A_cluster_whose_silos_share_no_state_is_refused() =>
        Should.Throw<InvalidSettingException>(() => SiloOptions.From(setting => setting == Setting.Cluster ? "postgres://u:s3cret@b/two" : null))
            .Message.ShouldContain("--store");

    [Theory]
    [InlineData(null, null)]
    [InlineData("postgres://u:p@a/one", "none")]
    public void A_gateway_of_a_silo_that_is_alone_is_refused(string? store, string? cluster) =>
        Should.Throw<InvalidSettingException>(() => SiloOptions.From(setting =>
                setting == Setting.Store ? store : setting == Setting.Cluster ? cluster : setting == Setting.GatewayPort ? "30000" : null))
            .Message.ShouldContain("--gateway-port");

    [Theory]
    [InlineData("silo-port", "65536")]
    [InlineData("gateway-port", "-1")]
    [InlineData("gateway-port", "x")]
    [InlineData("cluster-address", "db.example")]
    [InlineData("dashboard", "maybe")]
    public void A_value_that_is_none_is_refused_and_named(string name, string value)
    {
        var refused = Should.Throw<InvalidSettingException>(() => ClusterOptions.From(setting => setting.Name == name ? value : null));

        refused.Message.ShouldContain($"--{name} ");
        refused.Message.ShouldContain($"\"{value}\"");
    }

    [Fact]
    public void An_address_of_members_that_is_none_is_refused_without_the_password()
    {
        var refused = Should.Throw<InvalidSettingException>(() => ClusterOptions.From(setting => setting == Setting.Cluster ? "mysql://u:s3cret@h/d" : null));

        refused.Message.ShouldContain("--cluster");
        refused.Message.ShouldNotContain("s3cret");
    }
}
