using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Wasm;

namespace HeliosEdge.Cli.Guest;

/// <summary>Which export of a module to call, with which arguments.</summary>
internal sealed record GuestCall(string Export, WasmValue[] Arguments)
{
    private const string StartExport = "_start";

    /// <summary>Matches what was asked for against what the module exports.</summary>
    /// <param name="module">The module.</param>
    /// <param name="export">The export to call; null means <c>_start</c>.</param>
    /// <param name="arguments">The arguments as text.</param>
    /// <exception cref="FailureException">There is no such function, or the arguments do not fit its type.</exception>
    public static GuestCall Bind(Module module, string? export, IReadOnlyList<string> arguments)
    {
        if (export is null && arguments.Count > 0)
        {
            throw FailureException.Usage($"Arguments need --invoke EXPORT. {DescribeExports(module)}");
        }

        var name = export ?? StartExport;
        var type = module.Exports.FirstOrDefault(e => e.Name == name && e.Kind == ExternKind.Function)?.FunctionType;
        if (type is null)
        {
            var missing = export is null
                ? $"The module exports no {StartExport}; choose a function with --invoke."
                : $"The module exports no function '{export}'.";
            throw FailureException.Usage($"{missing} {DescribeExports(module)}");
        }

        if (arguments.Count != type.Parameters.Length)
        {
            throw FailureException.Usage(
                $"'{name}' is {type} and takes {type.Parameters.Length} arguments, not {arguments.Count}.");
        }

        return new GuestCall(name, Parse(name, type, arguments));
    }

    private static WasmValue[] Parse(string name, FunctionType type, IReadOnlyList<string> arguments)
    {
        var values = new WasmValue[arguments.Count];
        for (var i = 0; i < values.Length; i++)
        {
            try
            {
                values[i] = ValueText.Parse(arguments[i], type.Parameters[i]);
            }
            catch (FormatException e)
            {
                throw FailureException.Usage($"Argument {i + 1} of '{name}': {e.Message}");
            }
        }

        return values;
    }

    private static string DescribeExports(Module module)
    {
        var functions = module.Exports.Where(e => e.Kind == ExternKind.Function).Select(e => $"{e.Name} {e.FunctionType}").ToArray();
        return functions.Length == 0 ? "It exports no functions." : $"It exports: {string.Join("; ", functions)}.";
    }
}
