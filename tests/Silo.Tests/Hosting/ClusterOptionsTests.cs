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
            Members = "postgres://u:p@db/helios",
            Id = "blue",
            Address = System.Net.IPAddress.Parse("10.0.0.1"),
            SiloPort = 12_000,
            GatewayPort = 13_000,
            Dashboard = true,
        });
    }

    [Theory]
    [InlineData("silo-port", "0")]
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

    [Theory]
    [InlineData("silo-port", "12000")]
    [InlineData("dashboard", "true")]
    public void A_silo_without_a_cluster_refuses_the_settings_of_one(string name, string value) =>
        Should.Throw<InvalidSettingException>(() => ClusterOptions.From(setting => setting.Name == name ? value : null).RequireDefaults())
            .Message.ShouldContain("-p:Cluster=Orleans");
}
