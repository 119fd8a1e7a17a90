using System.CommandLine;
using System.Globalization;
using HeliosEdge.Access.Keys;
using HeliosEdge.Access.Stores;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;
using HeliosEdge.Settings;

namespace HeliosEdge.Cli.Commands;

internal sealed class KeysCreateCommand : KeyPlaceCommand
{
    private readonly Argument<string> _name = new("NAME") { Description = "What people call the key." };

    private readonly Option<string[]> _scopes = new("--scope")
    {
        HelpName = "SCOPE",
        Description = $"What it may do: {ScopeWords.Known}; may be given several times. admin implies all, deploy implies read, data.write implies data.read.",
        Required = true,
    };

    private readonly NumberOption _rate = new("--rate", "Requests a second; no limit otherwise.", 1, KeyRequest.MaxRate);

    private readonly NumberOption _burst = new("--burst", "Requests at once after a quiet time; as many as --rate otherwise.", 1, KeyRequest.MaxRate);

    private readonly DurationOption _expires = new("--expires", "How long it is good; for ever otherwise.", KeyRequest.MaxLifetime);

    private readonly Option<bool> _new = new("--new")
    {
        Description = "With --data or --store: begin there although no silo has been there yet; a folder is made if it does not exist.",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print the key as JSON." };

    public KeysCreateCommand()
        : base("create", "Makes a key and prints it, this once.")
    {
        Arguments.Add(_name);
        Options.Add(_scopes);
        Options.Add(_rate);
        Options.Add(_burst);
        Options.Add(_expires);
        Options.Add(_new);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios keys create me --scope admin --data ./data",
        "helios keys create me --scope admin --data ./data --new",
        "helios keys create ci --scope deploy --scope invoke --rate 50 --expires 30d",
        "export HELIOS_KEY=$(helios keys create ci --scope deploy --json | jq -r .key)",
    ];

    protected override async Task<int> ExecuteThereAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken) => Print(
        result,
        await silo.CreateKeyAsync(
            new KeyRegistration
            {
                Name = result.GetRequiredValue(_name),
                Scopes = result.GetRequiredValue(_scopes),
                Rate = (int?)result.GetValue(_rate),
                Burst = (int?)result.GetValue(_burst),
                ExpiresInSeconds = (long?)result.GetValue(_expires)?.TotalSeconds,
            },
            cancellationToken));

    protected override async Task<int> ExecuteHereAsync(ParseResult result, IAccessStore store)
    {
        var request = new KeyRequest(
            result.GetRequiredValue(_name),
            result.GetRequiredValue(_scopes),
            result.GetValue(_rate),
            result.GetValue(_burst),
            result.GetValue(_expires));
        var (key, text) = request.Make(DateTimeOffset.UtcNow);
        await ChangeAsync(store, "key.create", key.Id, () => store.AddAsync(key));
        return Print(result, KeysListCommand.Describe(key) with { Key = text });
    }

    protected override bool MayBegin(ParseResult result) => result.GetValue(_new);

    protected override IAccessStore Open(ParseResult result, string folder)
    {
        // A key for a folder that was mistyped would open nothing, and look as if it did.
        if (!MayBegin(result) && !File.Exists(Path.Combine(folder, DataFiles.State)) && !File.Exists(Path.Combine(folder, SqliteAccessStore.FileName)))
        {
            throw new FailureException(
                "not_a_silo",
                $"'{folder}' is no silo's data folder: it has no {DataFiles.State}. --new begins one there; keys of silos that have their state in PostgreSQL are made with --store.",
                ExitCode.Usage);
        }

        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new FailureException("file_unreadable", e.Message, ExitCode.Usage, e);
        }

        return new SqliteAccessStore(folder);
    }

    private int Print(ParseResult result, KeyInfo key)
    {
        if (result.GetValue(_json))
        {
            Listing.WriteJson(key, CliJsonContext.Default.KeyInfo);
            return 0;
        }

        Console.Out.WriteLine(ErrorLine.OneLine($"Made the key {key.Id} ({key.Name}) for {string.Join(", ", key.Scopes)}."));
        Console.Out.WriteLine(ErrorLine.OneLine($"  key      {key.Key}"));
        if (key.ExpiresAt is { } expires)
        {
            Console.Out.WriteLine($"  expires  {expires.UtcDateTime.ToString("u", CultureInfo.InvariantCulture)}");
        }

        Console.Out.WriteLine("It is shown only now: keep it in HELIOS_KEY, or in a file for --key @FILE.");
        return 0;
    }
}
