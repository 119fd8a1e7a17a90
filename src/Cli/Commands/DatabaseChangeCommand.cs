using System.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

/// <summary>Changes what has a name in a database, such as a trigger: switches, pauses or deletes it.</summary>
internal sealed class DatabaseChangeCommand : SiloCommand
{
    private readonly Argument<string> _name;

    private readonly DatabaseOptions _where = new();

    private readonly Option<bool> _json = new("--json") { Description = "Print its name as JSON." };

    private readonly (string What, string Example) _thing;

    private readonly string _done;

    private readonly Func<HttpEdgeClient, string, string?, string?, CancellationToken, Task> _change;

    /// <param name="thing">What it is, such as <c>trigger</c>, and the name of one for examples.</param>
    /// <param name="verb">The command's name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="done">What it says once that is done, such as <c>Deleted</c>.</param>
    /// <param name="change">Does it, given name, database and region.</param>
    public DatabaseChangeCommand(
        (string What, string Example) thing, string verb, string description, string done, Func<HttpEdgeClient, string, string?, string?, CancellationToken, Task> change)
        : base(verb, description)
    {
        (_thing, _done, _change) = (thing, done, change);
        _name = NameArgument($"The {thing.What}'s name.", thing.What);
        Arguments.Add(_name);
        _where.AddTo(this);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        $"helios {_thing.What}s {Name} {_thing.Example}",
        $"helios {_thing.What}s {Name} {_thing.Example} --database orders --region eu-west",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var name = result.GetRequiredValue(_name);
        await _change(silo, name, _where.Database(result), _where.Region(result), cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(new Named(name), CliJsonContext.Default.Named);
        }
        else
        {
            Console.Out.WriteLine(ErrorLine.OneLine($"{_done} the {_thing.What} {name}."));
        }

        return 0;
    }
}
