using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using HeliosEdge.Cli.Commands;

namespace HeliosEdge.Cli.CommandLine;

/// <summary>The generated help, with the command's examples and the exit codes after it.</summary>
internal sealed class HelpWithExamples(HelpAction generated) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        generated.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        IReadOnlyList<string> examples = command is HeliosCommand described
            ? described.Examples
            : command.Subcommands.OfType<HeliosCommand>().Select(c => c.Examples[0]).ToArray();
        output.WriteLine("Examples:");
        foreach (var example in examples)
        {
            output.WriteLine($"  {example}");
        }

        output.WriteLine();
        output.WriteLine("Exit codes:");
        output.WriteLine("  0    done");
        output.WriteLine("  1    the silo, or the engine for 'run', refused or failed");
        output.WriteLine("  2    bad usage, or a file that cannot be read");
        output.WriteLine("  3    the silo cannot be reached");
        output.WriteLine("  130  cancelled with Ctrl-C");
        output.WriteLine("  134  the guest trapped ('run')");
        output.WriteLine();
        return ExitCode.Success;
    }
}
