namespace HeliosEdge.Cli.Commands;

internal sealed class KeysCommand : HeliosCommand
{
    public KeysCommand()
        : base("keys", "Makes, lists and revokes the keys that a silo lets callers in with.")
    {
        Subcommands.Add(new KeysCreateCommand());
        Subcommands.Add(new KeysListCommand());
        Subcommands.Add(new KeysRevokeCommand());
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios keys create me --scope admin --data ./data",
        "helios keys create me --scope admin --store @database.txt",
        "helios keys create ci --scope deploy --scope invoke --rate 50 --expires 30d",
        "helios keys list --json",
        "helios keys revoke abcdefghij23",
    ];
}
