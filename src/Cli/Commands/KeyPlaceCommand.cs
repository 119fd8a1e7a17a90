using System.CommandLine;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Silo.Keys;

namespace HeliosEdge.Cli.Commands;

/// <summary>A command about keys: of a silo over HTTP, or in a data folder on this machine, whether its silo runs or not.</summary>
internal abstract class KeyPlaceCommand : SiloCommand
{
    private readonly Option<string?> _data = new("--data")
    {
        HelpName = "FOLDER",
        Description = "The silo's data folder on this machine; needs no key. A silo that runs notices within a second.",
    };

    protected KeyPlaceCommand(string name, string description)
        : base(name, description)
    {
        Options.Add(_data);
    }

    protected sealed override async Task<int> ExecuteAsync(ParseResult result, EdgeClient.EdgeClient silo, CancellationToken cancellationToken)
    {
        if (result.GetValue(_data) is not { } folder)
        {
            return await ExecuteThereAsync(result, silo, cancellationToken);
        }

        if (NamesAddress(result))
        {
            throw FailureException.Usage($"--data and --url are two places; one is enough. See 'helios keys {Name} --help'.");
        }

        try
        {
            using var store = Open(folder);
            return await ExecuteHereAsync(result, store);
        }
        catch (KeyRefusedException e)
        {
            throw new FailureException("invalid_parameter", e.Message, ExitCode.Refused, e);
        }
    }

    /// <summary>Over HTTP.</summary>
    protected abstract Task<int> ExecuteThereAsync(ParseResult result, EdgeClient.EdgeClient silo, CancellationToken cancellationToken);

    /// <summary>In a data folder.</summary>
    protected abstract Task<int> ExecuteHereAsync(ParseResult result, SqliteAccessStore store);

    /// <summary>Makes a change with its entry in the log.</summary>
    protected static async Task ChangeAsync(SqliteAccessStore store, string action, string id, Func<Task> change)
    {
        var target = $"/v1/keys/{id}";
        var number = await store.BeginAsync(
            new AuditEntry(0, DateTimeOffset.UtcNow, $"local:{Environment.UserName}", action, target, null, "local"));
        await change();
        await store.CompleteAsync(number, target, 200);
    }

    /// <summary>A folder without keys yet is made only for the first key: a mistyped one must not look like a silo without keys.</summary>
    protected virtual SqliteAccessStore Open(string folder) => File.Exists(Path.Combine(folder, SqliteAccessStore.FileName))
        ? new SqliteAccessStore(folder)
        : throw new FailureException("file_not_found", $"The folder '{folder}' holds no keys.", ExitCode.Usage);
}
