using HeliosEdge.Data.Databases;
using HeliosEdge.Settings;

namespace HeliosEdge.Data.Tests.Databases;

public sealed class DatabaseSettingTextTests
{
    private static readonly string[] Served = ["eu-west", "us-east"];

    [Theory]
    [InlineData("")]
    [InlineData(" ;\n; ")]
    public void There_may_be_none(string text) => DatabaseSettingText.Parse(text, Served).ShouldBeEmpty();

    [Fact]
    public void Entries_have_a_name_regions_and_an_address()
    {
        var databases = DatabaseSettingText.Parse(
            """
            orders=postgres://u:p%3Bq@db:6543/orders?sslmode=require; stock@eu-west=postgresql://v@db/stock
            stock@us-east = postgres://w@other/stock
            """,
            Served);

        databases.Select(database => (database.Name, string.Join(',', database.Regions), database.Connection.Host, database.Connection.Username)).ShouldBe(
        [
            ("orders", "", "db", "u"),
            ("stock", "eu-west", "db", "v"),
            ("stock", "us-east", "other", "w"),
        ]);
        (databases[0].Connection.Password, databases[0].Connection.Port, databases[0].Connection.SslMode).ShouldBe(("p;q", 6543, Npgsql.SslMode.Require));
    }

    [Fact]
    public void A_database_as_text_has_no_password() =>
        DatabaseSettingText.Parse("a=postgres://u:s3cret@h/d", Served)[0].ToString().ShouldBe("a");

    [Theory]
    [InlineData("postgres://u:s3cret@h/d", "Entry 1 of --database does not begin with a name")]
    [InlineData("postgres://u:s3cret@h/d?sslmode=require", "Entry 1 of --database does not begin with a name")]
    [InlineData("a=postgres://u:s3cret@h/d;s3cret@h/e", "Entry 2 of --database does not begin with a name")]
    [InlineData("A=postgres://u:s3cret@h/d", "1 to 63 of a-z, 0-9 and -")]
    [InlineData("=postgres://u:s3cret@h/d", "does not begin with a name")]
    [InlineData("main=postgres://u:s3cret@h/d", "\"main\", which is the database that every region has anyway")]
    [InlineData("a=mysql://u:s3cret@h/d", "--database a is the address of a PostgreSQL database")]
    [InlineData("a=", "--database a is the address of a PostgreSQL database")]
    [InlineData("a=postgres://u:s3cret@h", "--database a names no database")]
    [InlineData("a=postgres://u:s3cret@h/d?x=y", "--database a has \"x\" behind the database's name")]
    [InlineData("a=postgres://u:s3cret@h/d;a=postgres://u:s3cret@h/e", "\"a\" twice for the same region")]
    [InlineData("a=postgres://u:s3cret@h/d;a@eu-west=postgres://u:s3cret@h/e", "\"a\" twice for the same region")]
    [InlineData("a@eu-west,us-east=postgres://u:s3cret@h/d;a@us-east=postgres://u:s3cret@h/e", "\"a\" twice for the same region")]
    [InlineData("a@mars=postgres://u:s3cret@h/d", "the region \"mars\", which this silo does not serve; it serves eu-west, us-east")]
    [InlineData("a@=postgres://u:s3cret@h/d", "a region that is not accepted")]
    [InlineData("a@s3cret!=postgres://u:s3cret@h/d", "a region that is not accepted")]
    public void What_is_wrong_is_said_without_the_address(string text, string why)
    {
        var refused = Should.Throw<InvalidSettingException>(() => DatabaseSettingText.Parse(text, Served));

        refused.Message.ShouldContain(why);
        refused.Message.ShouldNotContain("s3cret");
    }

    [Fact]
    public void Pipelines_may_have_logins_of_their_own()
    {
        var databases = DatabaseSettingText.WithCaptures(
            "a=postgres://reader:p@h/d; b@us-east=postgres://reader@h/u",
            DatabaseSettingText.Parse("a=postgres://u@h/d;b@us-east=postgres://u@h/u;b@eu-west=postgres://u@h/e", Served),
            Served);
        databases.Select(database => $"{database.Name} {database.Connection.Username} {database.Capture?.Username}").ShouldBe(["a u reader", "b u reader", "b u "]);
    }

    [Theory]
    [InlineData("x=postgres://u:s3cret@h/d", "--capture x is of no database: --database has no entry with the same name.")]
    [InlineData("a@us-east=postgres://u:s3cret@h/d", "no entry with the same name and regions")]
    [InlineData("a=postgres://u:s3cret@h/other", "--capture a leads to another database than --database a")]
    [InlineData("postgres://u:s3cret@h/d", "Entry 1 of --capture does not begin with a name")]
    [InlineData("a=postgres://u:s3cret@h/d;a=postgres://u:s3cret@h/d", "--capture has \"a\" twice")]
    public void What_is_wrong_with_a_login_of_pipelines_is_said_without_the_address(string text, string why)
    {
        var refused = Should.Throw<InvalidSettingException>(() => DatabaseSettingText.WithCaptures(text, DatabaseSettingText.Parse("a=postgres://u:s3cret@h/d", Served), Served));
        refused.Message.ShouldContain(why);
        refused.Message.ShouldNotContain("s3cret");
    }
}
