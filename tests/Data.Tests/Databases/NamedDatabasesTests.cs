using HeliosEdge.Data.Databases;
using HeliosEdge.Data.Tests.Postgres;
using HeliosEdge.Sandbox.HostServices.Sql;

namespace HeliosEdge.Data.Tests.Databases;

public sealed class NamedDatabasesTests
{
    [Fact]
    public async Task Each_region_has_its_own_database_and_those_of_the_operator_for_it()
    {
        using var folder = new TemporaryFolder();
        await using var databases = new NamedDatabases(
            new SqliteRegionDatabases(folder.Path),
            DatabaseSettingText.Parse("zoo=postgres://u@127.0.0.1:1/z;apes@eu=postgres://u@127.0.0.1:1/e;apes@us=postgres://u@127.0.0.1:1/u;birds@eu=postgres://u@127.0.0.1:1/b", ["eu", "us"]));

        databases.Names("eu").ShouldBe(["apes", "birds", "main", "zoo"]);
        databases.Names("us").ShouldBe(["apes", "main", "zoo"]);
        databases.Names("ap").ShouldBe(["main", "zoo"]);
        (databases.Find("eu", "main")!.Kind, databases.Find("eu", "main")!.Value("SELECT 1")).ShouldBe(("sqlite", "1"));
        (databases.Find("eu", "zoo")!.Kind, databases.Find("eu", "zoo")!.Name).ShouldBe(("postgresql", "zoo"));
        databases.Find("us", "zoo").ShouldBeSameAs(databases.Find("eu", "zoo"));
        databases.Find("us", "apes").ShouldNotBeSameAs(databases.Find("eu", "apes"));
        databases.Find("us", "birds").ShouldBeNull();
        databases.Find("eu", "none").ShouldBeNull();
    }
}
