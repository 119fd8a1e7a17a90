using HeliosEdge.Access.Stores;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Silo.Tests.Access;

public sealed class SqliteAccessStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Only_the_owner_can_read_the_file()
    {
        using var store = new SqliteAccessStore(_folder.Path);
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in Directory.GetFiles(_folder.Path))
            {
                File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
            }
        }
    }

    [Fact]
    public void A_database_of_a_later_release_is_left_alone()
    {
        var path = Path.Combine(_folder.Path, SqliteAccessStore.FileName);
        new SqliteAccessStore(_folder.Path).Dispose();
        using (var connection = new SqliteConnection($"Data Source={path}"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        Should.Throw<IOException>(() => new SqliteAccessStore(_folder.Path)).Message.ShouldContain("later release");
    }

    public void Dispose() => _folder.Dispose();
}
