using HeliosEdge.Data.Postgres;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using HeliosEdge.Settings;

namespace HeliosEdge.Data.Tests.Postgres;

/// <summary>A server that takes TLS, and whose log is not fit for capturing changes.</summary>
public sealed class EncryptedTests : IDisposable
{
    private const string IsEncrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PostgresTheory]
    [InlineData("disable", false)]
    [InlineData("require", true)]
    [InlineData("verify-ca", true)]
    [InlineData("verify-full", true)]
    public async Task The_way_to_the_server_is_encrypted_as_the_address_says(string mode, bool isEncrypted)
    {
        var authority = Path.Combine(_folder.Path, "authority.pem");
        var address = await PostgresServer.NewEncryptedDatabaseAsync(authority);
        var certificate = mode.StartsWith("verify", StringComparison.Ordinal) ? $"&sslrootcert={Uri.EscapeDataString(authority)}" : "";

        await using var database = Open($"{address}?sslmode={mode}{certificate}");

        database.Value(IsEncrypted).ShouldBe(isEncrypted ? "true" : "false");
    }

    [PostgresTheory]
    [InlineData("verify-ca")]
    [InlineData("verify-full")]
    public async Task A_server_whose_certificate_somebody_else_signed_is_not_spoken_to(string mode)
    {
        var address = await PostgresServer.NewEncryptedDatabaseAsync(Path.Combine(_folder.Path, "authority.pem"));
        var other = Path.Combine(_folder.Path, "other.pem");
        using (var authority = Certificates.Authority("postgres"))
        {
            Certificates.Write(authority, other);
        }

        await using var database = Open($"{address}?sslmode={mode}&sslrootcert={Uri.EscapeDataString(other)}");

        database.Refuse(Asking.Reading(IsEncrypted)).Outcome.ShouldBe(SqlOutcome.Unavailable);
    }

    [PostgresFact]
    public async Task A_log_with_too_little_in_it_is_refused_and_the_message_says_what_to_do()
    {
        await using var database = Open(await PostgresServer.NewEncryptedDatabaseAsync(Path.Combine(_folder.Path, "authority.pem")));
        database.Write("CREATE TABLE t (id int PRIMARY KEY)");
        var definition = new PipelineDefinition("p", ["t"], false, "f", 10, 0, ChangeOrder.Table, OnChangeError.Retry, 10, null);

        var refused = await Should.ThrowAsync<SandboxException>(database.In("eu", new Judges()).Changes!.PutAsync(definition, default));

        refused.Code.ShouldBe(ErrorCodes.CaptureRefused);
        refused.Message.ShouldContain("wal_level");
        refused.Message.ShouldContain("logical");
    }

    private static PostgresSqlDatabase Open(string address) => new(TestDatabase.Setting("test", PostgresUrl.Parse(address)));
}
