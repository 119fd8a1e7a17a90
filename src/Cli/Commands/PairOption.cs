using System.CommandLine;
using System.CommandLine.Parsing;

namespace HeliosEdge.Cli.Commands;

/// <summary>An option that takes a name and a value, may be given several times, and takes no name twice.</summary>
internal sealed class PairOption : Option<IReadOnlyDictionary<string, string>?>
{
    /// <summary>Makes the option.</summary>
    /// <param name="name">Its name, with the dashes.</param>
    /// <param name="argument">What its argument is called in the help.</param>
    /// <param name="description">What it does.</param>
    /// <param name="check">What is wrong with a pair; null if nothing is.</param>
    public PairOption(string name, string argument, string description, Func<string, string, string?>? check = null)
        : base(name)
    {
        HelpName = argument;
        Description = description;
        Arity = ArgumentArity.OneOrMore;
        AllowMultipleArgumentsPerToken = false;
        CustomParser = result => Parse(result, name, argument, check);
    }

    private static Dictionary<string, string>? Parse(ArgumentResult result, string option, string argument, Func<string, string, string?>? check)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var token in result.Tokens)
        {
            var equals = token.Value.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? string.Empty : token.Value[..equals];
            var value = token.Value[(equals + 1)..];
            var fault = name.Length == 0 ? $"'{token.Value}' is not of the form {argument}"
                : check?.Invoke(name, value) is { } wrong ? wrong
                : pairs.TryAdd(name, value) ? null
                : $"'{name}' is given twice";
            if (fault is not null)
            {
                result.AddError($"{option}: {fault}.");
                return null;
            }
        }

        return pairs;
    }
}
