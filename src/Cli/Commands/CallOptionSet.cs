using System.CommandLine;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

/// <summary>The options of a call that say how it is made.</summary>
internal sealed class CallOptionSet
{
    private readonly Option<string?> _key = new("--idempotency-key")
    {
        HelpName = "KEY",
        Description = "A name for the call: repeats with the same one get the first one's result, for 24 hours.",
    };

    private readonly NumberOption _deadline = new("--deadline-ms", "How long to wait for the answer, in ms; as long as it takes otherwise.", 1, 3_600_000);

    public void AddTo(Command command)
    {
        _key.Validators.Add(result =>
        {
            var key = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (key.Length is 0 or > 255 || !key.All(c => c is >= ' ' and <= '~'))
            {
                result.AddError("--idempotency-key takes 1 to 255 printable ASCII characters.");
            }
        });
        command.Options.Add(_key);
        command.Options.Add(_deadline);
    }

    public TimeSpan? Deadline(ParseResult result) => result.GetValue(_deadline) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    public CallOptions Read(ParseResult result) => new() { IdempotencyKey = result.GetValue(_key), Deadline = Deadline(result) };
}
