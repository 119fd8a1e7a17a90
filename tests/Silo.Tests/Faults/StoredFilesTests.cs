using System.Net;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Silo.Tests.Faults;

/// <summary>Data folders in which something is not as the silo left it.</summary>
[Trait("Category", "Process")]
public sealed class StoredFilesTests
{
    [Theory]
    [InlineData("silo.db")]
    [InlineData("keys.db")]
    [InlineData("access.db")]
    public async Task A_file_that_is_no_database_keeps_the_silo_from_starting(string name)
    {
        using var folder = await UsedAsync();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, name), new string('x', 5_000));

        await IsRefusedAsync(folder, name);
    }

    [Theory]
    [InlineData("silo.db")]
    [InlineData("keys.db")]
    [InlineData("access.db")]
    public async Task A_database_that_is_damaged_in_its_midst_keeps_the_silo_from_starting(string name)
    {
        using var folder = await UsedAsync();
        var path = Path.Combine(folder.Path, name);
        using (var file = File.OpenWrite(path))
        {
            file.Length.ShouldBeGreaterThan(8_192);
            file.Position = 4_096;
            file.Write(Enumerable.Repeat((byte)0xAB, 4_096).ToArray());
        }

        await IsRefusedAsync(folder, name);
    }

    [Theory]
    [InlineData("silo.db")]
    [InlineData("keys.db")]
    [InlineData("access.db")]
    [InlineData("silo.lock")]
    public async Task A_folder_where_a_file_should_be_is_named(string name)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, name));

        await IsRefusedAsync(folder, name);
    }

    [Theory]
    [InlineData("keys.db")]
    [InlineData("access.db")]
    public async Task A_database_of_a_later_release_keeps_the_silo_from_starting(string name)
    {
        using var folder = await UsedAsync();
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, name)};Pooling=False"))
        {
            await connection.OpenAsync();
            var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            await command.ExecuteNonQueryAsync();
        }

        await IsRefusedAsync(folder, "version 99");
    }

    [Fact]
    public async Task A_file_where_the_regions_folder_should_be_is_named()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "regions"), "");

        await IsRefusedAsync(folder, "regions");
    }

    [Fact]
    public async Task A_folder_that_lost_its_database_is_refused_unless_the_silo_is_to_start_afresh()
    {
        using var folder = await UsedAsync();
        foreach (var file in Directory.GetFiles(folder.Path, "silo.db*"))
        {
            File.Delete(file);
        }

        await IsRefusedAsync(folder, "--new");

        await using (var silo = await TestSilo.StartAsync(folder.Path, configure: Afresh))
        {
            await Answer.ProblemAsync(await silo.InvokeAsync("echo"), HttpStatusCode.NotFound, "function_not_found");
            await silo.DeployAsync("echo", "echo");
        }

        (await Should.ThrowAsync<SiloStartException>(TestSilo.StartAsync(folder.Path, configure: Afresh))).Message.ShouldContain("--new");
        await using var again = await TestSilo.StartAsync(folder.Path);
        (await again.CallAsync("echo", [1])).ShouldBe([1]);
    }

    [Fact]
    public async Task A_folder_with_nothing_but_keys_of_callers_is_a_new_silos()
    {
        using var folder = new TemporaryFolder();
        await Access.KeyHolder.AddKeyAsync(folder.Path, "read");

        await using var silo = await TestSilo.StartAsync(folder.Path);
        await Answer.ProblemAsync(await silo.Http.GetAsync("/v1/functions"), HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(5_000)]
    public async Task A_log_that_was_cut_off_loses_nothing_of_what_was_before(int length)
    {
        using var folder = new TemporaryFolder();
        await using (var silo = SiloProcess.Start("--data", folder.Path, "--urls", "http://127.0.0.1:0"))
        {
            await silo.AddressAsync();
            await silo.KillAsync();
        }

        using (var log = File.OpenWrite(Path.Combine(folder.Path, "silo.db-wal")))
        {
            log.SetLength(Math.Min(length, log.Length));
        }

        await using var again = await TestSilo.StartAsync(folder.Path);
        await again.DeployAsync("echo", "echo");
        (await again.CallAsync("echo", [1])).ShouldBe([1]);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("short")]
    [InlineData("folder")]
    public async Task A_code_key_that_is_not_good_costs_time_and_nothing_else(string how)
    {
        using var folder = await UsedAsync();
        var key = Path.Combine(folder.Path, "code.key");
        File.Delete(key);
        if (how == "short")
        {
            await File.WriteAllBytesAsync(key, [1, 2, 3]);
        }
        else if (how == "folder")
        {
            Directory.CreateDirectory(key);
        }

        await using var silo = await TestSilo.StartAsync(folder.Path);
        (await silo.CallAsync("echo", [1])).ShouldBe([1]);
    }

    private static SiloOptions Afresh(SiloOptions options) => options with { StartAfresh = true };

    private static async Task IsRefusedAsync(TemporaryFolder folder, string named)
    {
        var refused = await Should.ThrowAsync<SiloStartException>(TestSilo.StartAsync(folder.Path));
        refused.Message.ShouldContain(named);
        refused.Message.ShouldNotContain('\n');
    }

    /// <summary>The folder of a silo that has a function.</summary>
    private static async Task<TemporaryFolder> UsedAsync()
    {
        var folder = new TemporaryFolder();
        await using (var silo = await TestSilo.StartAsync(folder.Path))
        {
            await silo.DeployAsync("echo", "echo");
            (await silo.CallAsync("echo", [1])).ShouldBe([1]);
        }

        return folder;
    }
}
