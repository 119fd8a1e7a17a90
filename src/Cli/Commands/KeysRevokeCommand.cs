using System.CommandLine;
using HeliosEdge.Access.Keys;
using HeliosEdge.Access.Stores;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class KeysRevokeCommand : KeyPlaceCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "The key's id, as 'helios keys list' shows it." };

    private readonly Option<bool> _json = new("--json") { Description = "Print the id as JSON." };

    public KeysRevokeCommand()
        : base("revoke", "Revokes a key for good.")
    {
        // A whole key on a command line is seen by others, and is no id.
        _id.Validators.Add(argument =>
        {
            if (!KeyText.IsId(argument.Tokens[0].Value))
            {
                argument.AddError($"A key's id has {KeyText.IdLength} letters and digits; 'helios keys list' shows it.");
            }
        });
        Arguments.Add(_id);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios keys revoke abcdefghij23",
        "helios keys revoke abcdefghij23 --data ./data",
    ];

    protected override async Task<int> ExecuteThereAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        await silo.RevokeKeyAsync(result.GetRequiredValue(_id), cancellationToken);
        return Print(result);
    }

    protected override async Task<int> ExecuteHereAsync(ParseResult result, IAccessStore store)
    {
        var id = result.GetRequiredValue(_id);
        if ((await store.ReadAllAsync()).All(key => key.Id != id))
        {
            throw new FailureException("key_not_found", $"There is no key with the id \"{id}\".", ExitCode.Refused);
        }

        // Who is on the silo's machine can make another.
        await ChangeAsync(store, "key.revoke", id, () => store.RevokeAsync(id, DateTimeOffset.UtcNow, keepAnAdmin: false));
        return Print(result);
    }

    private int Print(ParseResult result)
    {
        var id = result.GetRequiredValue(_id);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(new RevokedKey(id), CliJsonContext.Default.RevokedKey);
        }
        else
        {
            Console.Out.WriteLine($"Revoked the key {id}.");
        }

        return 0;
    }
}
