using System.CommandLine;
using System.Data.Common;
using System.Text;
using HeliosEdge.Access.Audit;
using HeliosEdge.Access.Keys;
using HeliosEdge.Access.Stores;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Client;
using HeliosEdge.Settings;

namespace HeliosEdge.Cli.Commands;

/// <summary>
/// A command about keys: of a silo over HTTP, or in a data folder on this machine or in the database that silos share, whether they run or
/// not.
/// </summary>
internal abstract class KeyPlaceCommand : SiloCommand
{
    private readonly Option<string?> _data = new("--data")
    {
        HelpName = "FOLDER",
        Description = "The silo's data folder on this machine; needs no key. A silo that runs notices within a second.",
    };

    private readonly Option<string?> _store = new("--store")
    {
        HelpName = "ADDRESS|@FILE",
        Description = "The PostgreSQL database of silos, or the file that its address is in after '@': others can see a command line. Needs no key; silos that run notice within a second.",
    };

    protected KeyPlaceCommand(string name, string description)
        : base(name, description)
    {
        Options.Add(_data);
        Options.Add(_store);
    }

    protected sealed override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var folder = result.GetValue(_data);
        var database = result.GetValue(_store);
        if (folder is null && database is null)
        {
            return await ExecuteThereAsync(result, silo, cancellationToken);
        }

        if (NamesAddress(result))
        {
            throw FailureException.Usage($"{(folder is null ? "--store" : "--data")} and --url are two places; one is enough. See 'helios keys {Name} --help'.");
        }

        if (folder is not null && database is not null)
        {
            throw FailureException.Usage($"--data and --store are two places; one is enough. See 'helios keys {Name} --help'.");
        }

        try
        {
            await using var store = folder is not null ? Open(result, folder) : await OpenDatabaseAsync(result, database!, cancellationToken);
            return await ExecuteHereAsync(result, store);
        }
        catch (KeyRefusedException e)
        {
            throw new FailureException("invalid_parameter", e.Message, ExitCode.Refused, e);
        }
        catch (DbException e)
        {
            throw new FailureException("io_error", e.Message, ExitCode.Refused, e);
        }
    }

    /// <summary>Over HTTP.</summary>
    protected abstract Task<int> ExecuteThereAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken);

    /// <summary>In a data folder, or in a database.</summary>
    protected abstract Task<int> ExecuteHereAsync(ParseResult result, IAccessStore store);

    /// <summary>Makes a change with its entry in the log.</summary>
    protected static async Task ChangeAsync(IAccessStore store, string action, string id, Func<Task> change)
    {
        var target = $"/v1/keys/{id}";
        var number = await store.BeginAsync(
            new AuditEntry(0, DateTimeOffset.UtcNow, $"local:{Environment.UserName}", action, target, null, "local"));
        await change();
        await store.CompleteAsync(number, target, 200);
    }

    /// <summary>Whether a place that is no silo's may become one's.</summary>
    protected virtual bool MayBegin(ParseResult result) => false;

    /// <summary>Opens the keys in a folder: a mistyped one must not look like a silo without keys.</summary>
    protected virtual IAccessStore Open(ParseResult result, string folder) => File.Exists(Path.Combine(folder, SqliteAccessStore.FileName))
        ? new SqliteAccessStore(folder)
        : throw new FailureException("file_not_found", $"The folder '{folder}' holds no keys.", ExitCode.Usage);

    private async Task<IAccessStore> OpenDatabaseAsync(ParseResult result, string address, CancellationToken cancellationToken)
    {
        if (address is ['@', .. var file])
        {
            address = Encoding.UTF8.GetString(await InputFile.ReadAsync(file, cancellationToken)).Trim();
        }

        PostgresAccessStore store;
        try
        {
            store = new PostgresAccessStore(PostgresUrl.Parse(address, otherwise: "@ and a file"));
        }
        catch (InvalidSettingException e)
        {
            throw FailureException.Usage(e.Message);
        }

        try
        {
            if (!MayBegin(result) && !await store.IsOfSilosAsync())
            {
                throw new FailureException(
                    "not_a_silo", $"The database {store.Location} is no silo's: it has none of their tables. 'helios keys create --new' makes keys in it for silos to come.", ExitCode.Usage);
            }

            await store.PrepareAsync();
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }
}
