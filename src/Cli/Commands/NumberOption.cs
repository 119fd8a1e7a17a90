using System.CommandLine;
using System.Globalization;

namespace HeliosEdge.Cli.Commands;

/// <summary>An option that takes one whole number within bounds, and says them when it gets another.</summary>
internal sealed class NumberOption : Option<long?>
{
    public NumberOption(string name, string description, long smallest, long largest)
        : base(name)
    {
        HelpName = "N";
        Description = description;
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            var isNumber = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
            if (isNumber && number >= smallest && number <= largest)
            {
                return number;
            }

            result.AddError($"{name}: '{text}' is not a whole number from {smallest} to {largest}.");
            return null;
        };
    }
}
