using System.Collections.Immutable;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Cli.Guest;

/// <summary>Which export of a module to call, with which arguments.</summary>
internal sealed record GuestCall(string Export, ImmutableArray<GuestValue> Arguments)
{
    private const string StartExport = "_start";

    /// <summary>Matches what was asked for against what the module exports.</summary>
    /// <param name="module">The module.</param>
    /// <param name="export">The export to call; null means <c>_start</c>.</param>
    /// <param name="arguments">The arguments as text.</param>
    /// <exception cref="FailureException">There is no such function, or the arguments do not fit its type.</exception>
    public static GuestCall Bind(ICompiledModule module, string? export, IReadOnlyList<string> arguments)
    {
        if (export is null && arguments.Count > 0)
        {
            throw FailureException.Usage($"Arguments need --invoke EXPORT. {DescribeExports(module)}");
        }

        var name = export ?? StartExport;
        if (module.Exports.FirstOrDefault(e => e.Name == name && e.Kind == ExternalKind.Function) is not { } function)
        {
            var missing = export is null
                ? $"The module exports no {StartExport}; choose a function with --invoke."
                : $"The module exports no function '{export}'.";
            throw FailureException.Usage($"{missing} {DescribeExports(module)}");
        }

        var parameters = FunctionSignature.Parse(function.Type).Parameters;
        if (arguments.Count != parameters.Length)
        {
            throw FailureException.Usage(
                $"'{name}' is {function.Type} and takes {parameters.Length} arguments, not {arguments.Count}.");
        }

        return new GuestCall(name, [.. arguments.Select((argument, i) => Parse(name, i, argument, parameters[i]))]);
    }

    private static GuestValue Parse(string name, int index, string argument, string type)
    {
        try
        {
            return ValueText.Parse(argument, type);
        }
        catch (FormatException e)
        {
            throw FailureException.Usage($"Argument {index + 1} of '{name}': {e.Message}");
        }
    }

    private static string DescribeExports(ICompiledModule module)
    {
        var functions = module.Exports.Where(e => e.Kind == ExternalKind.Function).Select(e => $"{e.Name} {e.Type}").ToArray();
        return functions.Length == 0 ? "It exports no functions." : $"It exports: {string.Join("; ", functions)}.";
    }
}
