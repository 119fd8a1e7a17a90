using System.CommandLine;

namespace HeliosEdge.Cli.Commands;

/// <summary>The options that say which database of which region is meant.</summary>
internal sealed class DatabaseOptions
{
    private readonly Option<string?> _database = new("--database") { HelpName = "DB", Description = "The database; main otherwise." };

    private readonly Option<string?> _region = SiloCommand.RegionOption("The region whose database it is; the silo's first one otherwise.");

    public void AddTo(Command command)
    {
        _database.Validators.Add(result => SiloCommand.CheckName(result, "database"));
        command.Options.Add(_database);
        command.Options.Add(_region);
    }

    public string? Database(ParseResult result) => result.GetValue(_database);

    public string? Region(ParseResult result) => result.GetValue(_region);
}
