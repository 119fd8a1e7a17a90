using System.CommandLine;

namespace HeliosEdge.Cli.Commands;

/// <summary>The id of something that was queued.</summary>
internal sealed class IdArgument : Argument<Guid>
{
    public IdArgument(string description)
        : base("ID")
    {
        Description = description;
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (Guid.TryParse(text, out var id))
            {
                return id;
            }

            result.AddError($"'{text}' is no id.");
            return default;
        };
    }
}
