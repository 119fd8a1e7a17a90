using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Cli.Commands;
using HeliosEdge.Settings;
using Npgsql;
using Shouldly;
using Xunit;

namespace HeliosEdge.Cli.Tests;

/// <summary>Keys as an operator makes and uses them, with a silo of this class's own.</summary>
[Trait("Category", "Process")]
public sealed class KeysTests(SharedSilo silo) : IClassFixture<SharedSilo>
{
    [Fact]
    public async Task AKeyIsMadeUsedListedAndRevokedOverHttp()
    {
        // The first key locks the silo: all of this is one story.
        var admin = await CreateAsync(null, "me", "--scope", "admin");
        var refused = await HeliosAsync(null, "functions");
        refused.ExitCode.ShouldBe(1);
        refused.ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: unauthenticated: ");

        var ci = await CreateAsync(admin.Key, "ci", "--scope", "deploy", "--scope", "invoke", "--rate", "1000", "--burst", "2000", "--expires", "30d");
        var deployed = await HeliosAsync(ci.Key, "deploy", "keyed", SharedSilo.Sample("echo"));
        deployed.Error.ShouldBeEmpty();
        (await HeliosAsync(ci.Key, "invoke", "keyed", "--data", "abc")).Text.ShouldBe("abc");
        (await HeliosAsync(ci.Key, "keys", "list")).ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: forbidden: ");

        var listed = await HeliosAsync(admin.Key, "keys", "list");
        listed.Lines[0].ShouldMatch("^ID +NAME +SCOPES +RATE +MADE +EXPIRES +STATE$");
        listed.Lines[1].ShouldMatch($"^{admin.Id} +me +admin +- +.* +- +active$");
        listed.Lines[2].ShouldMatch($"^{ci.Id} +ci +deploy, invoke +1000/s +.* +active$");
        listed.Text.ShouldNotContain("hk_");

        (await HeliosAsync(admin.Key, "keys", "revoke", ci.Id)).Text.Trim().ShouldBe($"Revoked the key {ci.Id}.");
        (await HeliosAsync(ci.Key, "functions")).ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: unauthenticated: ");
        (await HeliosAsync(admin.Key, "keys", "revoke", admin.Id)).ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: last_admin_key: ");
        (await HeliosAsync(admin.Key, "keys", "revoke", "aaaaaaaaaaaa")).ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: key_not_found: ");

        var changes = await HeliosAsync(admin.Key, "audit");
        changes.Error.ShouldBeEmpty();
        changes.Lines[0].ShouldMatch("^AT +WHO +FROM +CHANGE +OF +STATUS$");
        changes.Lines.ShouldContain(line => line.Contains($"key:{ci.Id}", StringComparison.Ordinal) && line.Contains("/v1/functions/keyed", StringComparison.Ordinal));
        using var newest = JsonDocument.Parse((await HeliosAsync(admin.Key, "audit", "--limit", "1", "--json")).Output);
        var refusal = newest.RootElement.EnumerateArray().ShouldHaveSingleItem();
        (refusal.GetProperty("target").GetString(), refusal.GetProperty("status").GetInt32()).ShouldBe(("/v1/keys/aaaaaaaaaaaa", 404));

        using var folder = new TemporaryFolder();
        var file = folder.Write("key", Encoding.ASCII.GetBytes(admin.Key + "\n"));
        (await HeliosAsync(null, "functions", "--key", "@" + file)).ExitCode.ShouldBe(0);
        (await HeliosAsync("wrong", "functions", "--key", admin.Key)).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task AKeyIsMadeInAFolderBeforeThereIsASilo()
    {
        using var folder = new TemporaryFolder();
        var data = Path.Combine(folder.Path, "data");

        var made = await Helios.RunAsync("keys", "create", "me", "--scope", "admin", "--expires", "90s", "--data", data, "--new");
        made.Error.ShouldBeEmpty();
        made.ExitCode.ShouldBe(0);
        made.Lines[0].ShouldMatch(@"^Made the key [a-z2-7]{12} \(me\) for admin\.$");
        made.Lines[1].ShouldMatch(@"^  key      hk_[a-z2-7]{12}_[A-Za-z0-9_-]{43}$");
        made.Lines[2].ShouldStartWith("  expires  ");
        var id = made.Lines[0].Split(' ')[3];

        var listed = await Helios.RunAsync("keys", "list", "--data", data, "--json");
        using (var json = JsonDocument.Parse(listed.Output))
        {
            var key = json.RootElement.EnumerateArray().ShouldHaveSingleItem();
            key.GetProperty("id").GetString().ShouldBe(id);
            key.TryGetProperty("key", out _).ShouldBeFalse();
        }

        (await Helios.RunAsync("keys", "revoke", id, "--data", data, "--json")).Text.ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal)
            .ShouldBe($"{{\"id\":\"{id}\"}}");
        (await Helios.RunAsync("keys", "list", "--data", data)).Lines[1].ShouldEndWith(" revoked");
        (await Helios.RunAsync("keys", "revoke", "aaaaaaaaaaaa", "--data", data)).ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: key_not_found: ");
        Directory.GetFiles(data).SelectMany(File.ReadAllBytes).ToArray().AsSpan().IndexOf(
            Encoding.ASCII.GetBytes(made.Lines[1].Trim()[^43..])).ShouldBe(-1);
    }

    [PostgresFact]
    public async Task AKeyIsMadeInADatabaseBeforeThereIsASilo()
    {
        using var folder = new TemporaryFolder();
        var file = "@" + folder.Write("address", Encoding.ASCII.GetBytes(await PostgresServer.NewDatabaseAsync() + "\n"));

        var made = await Helios.RunAsync("keys", "create", "me", "--scope", "admin", "--store", file, "--new");
        made.Error.ShouldBeEmpty();
        made.Lines[0].ShouldMatch(@"^Made the key [a-z2-7]{12} \(me\) for admin\.$");
        var id = made.Lines[0].Split(' ')[3];

        (await Helios.RunAsync("keys", "list", "--store", file)).Lines[1].ShouldMatch($"^{id} +me +admin .* +active$");
        (await Helios.RunAsync("keys", "revoke", id, "--store", file)).ExitCode.ShouldBe(0);
        (await Helios.RunAsync("keys", "list", "--store", file)).Lines[1].ShouldEndWith(" revoked");
        (await Helios.RunAsync("keys", "revoke", "aaaaaaaaaaaa", "--store", file)).ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: key_not_found: ");
    }

    [Fact]
    public async Task AKeyForAFolderThatIsNoSilosIsRefusedAndNothingIsMade()
    {
        using var folder = new TemporaryFolder();
        var mistyped = Path.Combine(folder.Path, "typo");

        var refused = await Helios.RunAsync("keys", "create", "me", "--scope", "admin", "--data", mistyped);

        refused.ExitCode.ShouldBe(2);
        refused.ErrorLines.ShouldHaveSingleItem().ShouldStartWith($"error: not_a_silo: '{mistyped}' is no silo's data folder: it has no silo.db.");
        refused.Output.ShouldBeEmpty();
        Directory.Exists(mistyped).ShouldBeFalse();
    }

    [PostgresTheory]
    [InlineData("create", "me", "--scope", "admin")]
    [InlineData("list")]
    [InlineData("revoke", "aaaaaaaaaaaa")]
    public async Task ADatabaseThatIsNoSilosIsRefusedAndNothingIsMadeInIt(params string[] command)
    {
        var address = await PostgresServer.NewDatabaseAsync();

        var refused = await Helios.RunAsync(["keys", .. command, "--store", address]);

        refused.ExitCode.ShouldBe(2);
        refused.ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: not_a_silo: The database ");
        var settings = PostgresUrl.Parse(address);
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        await using var tables = new NpgsqlCommand("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", connection);
        (await tables.ExecuteScalarAsync()).ShouldBe(0L);
    }

    [Theory]
    [InlineData("run", "/nowhere/a.wasm")]
    [InlineData("deploy", "f", "/nowhere/a.wasm", "--url", "http://127.0.0.1:1")]
    [InlineData("invoke", "f", "--data", "@/nowhere/payload", "--url", "http://127.0.0.1:1")]
    [InlineData("functions", "--key", "@/nowhere/key", "--url", "http://127.0.0.1:1")]
    [InlineData("keys", "list", "--data", "/nowhere")]
    [InlineData("keys", "revoke", "aaaaaaaaaaaa", "--data", "/nowhere")]
    [InlineData("keys", "list", "--store", "@/nowhere/address")]
    public async Task AFileOrFolderThatIsNotThereIsNamedByEveryCommand(params string[] command)
    {
        var refused = await Helios.RunAsync(command);

        refused.ExitCode.ShouldBe(2);
        refused.ErrorLines.ShouldHaveSingleItem().ShouldContain("/nowhere");
        Directory.Exists("/nowhere").ShouldBeFalse();
    }

    [Fact]
    public async Task ADatabaseThatIsNotThereIsNamedWithoutThePassword()
    {
        var outcome = await Helios.RunAsync("keys", "list", "--store", "postgres://me:s3cret@127.0.0.1:1/db");

        outcome.ExitCode.ShouldBe(1);
        outcome.ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: io_error: The database of keys 127.0.0.1:1/db cannot be used");
        outcome.Error.ShouldNotContain("s3cret");
    }

    [Theory]
    [InlineData("error: usage: --store is @ and a file or the address", 2, "list", "--store", "mysql://u:p@h/d")]
    [InlineData("error: usage: --data and --store", 2, "list", "--data", "FOLDER", "--store", "postgres://u:p@h/d")]
    [InlineData("error: usage: --store and --url", 2, "list", "--store", "postgres://u:p@h/d", "--url", "http://127.0.0.1:1")]
    [InlineData("error: file_not_found: ", 2, "list", "--store", "@/nowhere/at/all")]
    [InlineData("error: invalid_parameter: \"root\" is no scope", 1, "create", "x", "--scope", "root", "--data", "FOLDER", "--new")]
    [InlineData("error: not_a_silo: ", 2, "create", "x", "--scope", "admin", "--data", "FOLDER")]
    [InlineData("error: file_not_found: ", 2, "list", "--data", "FOLDER")]
    [InlineData("error: usage: ", 2, "create", "x")]
    [InlineData("error: usage: ", 2, "create", "x", "--scope", "read", "--expires", "soon")]
    [InlineData("error: usage: ", 2, "list", "--data", "FOLDER", "--url", "http://127.0.0.1:1")]
    [InlineData("error: usage: ", 2, "revoke", "hk_abc")]
    [InlineData("error: usage: ", 2)]
    public async Task AWrongCommandIsOneLineThatSaysWhatIsWrong(string error, int exitCode, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var data = folder.Path;

        var outcome = await Helios.RunAsync(["keys", .. arguments.Select(argument => argument == "FOLDER" ? data : argument)]);

        outcome.ExitCode.ShouldBe(exitCode);
        outcome.ErrorLines.ShouldHaveSingleItem().ShouldStartWith(error);
    }

    [Fact]
    public void TimesAreWholeNumbersWithAUnitUpToALimit()
    {
        var largest = TimeSpan.FromDays(3650);
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        {
            if (DurationOption.TryParse(text ?? "", largest, out var time))
            {
                time.ShouldBeInRange(TimeSpan.FromSeconds(1), largest);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
        Prop.ForAll(Gen.Choose(1, 3650).ToArbitrary(), count =>
        {
            DurationOption.TryParse($"{count}d", largest, out var time).ShouldBeTrue();
            time.ShouldBe(TimeSpan.FromDays(count));
        }).Check(Config.QuickThrowOnFailure);
        foreach (var bad in new[] { "", "d", "0s", "-1d", "1.5h", "3651d", "99999999999s", "1w", "1 d", "10" })
        {
            DurationOption.TryParse(bad, largest, out _).ShouldBeFalse(bad);
        }
    }

    private async Task<(string Id, string Key)> CreateAsync(string? key, params string[] arguments)
    {
        var outcome = await HeliosAsync(key, ["keys", "create", .. arguments, "--json"]);
        outcome.Error.ShouldBeEmpty();
        using var json = JsonDocument.Parse(outcome.Output);
        return (json.RootElement.GetProperty("id").GetString()!, json.RootElement.GetProperty("key").GetString()!);
    }

    private Task<Helios.Outcome> HeliosAsync(string? key, params string[] arguments)
    {
        var settings = new Helios.Settings();
        if (key is not null)
        {
            settings.Environment["HELIOS_KEY"] = key;
        }

        return Helios.RunAsync(settings, [.. arguments, "--url", silo.Address.ToString()]);
    }
}
