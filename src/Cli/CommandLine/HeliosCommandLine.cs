using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using HeliosEdge.Cli.Commands;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.CommandLine;

/// <summary>The whole command: parses, runs, and turns every expected failure into one line and an exit code.</summary>
internal static class HeliosCommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var result = CreateRoot().Parse(args, new ParserConfiguration
        {
            // '@FILE' is the payload of invoke, not a file of arguments; '-inf' is a number, not four options.
            ResponseFileTokenReplacer = null,
            EnablePosixBundling = false,
        });

        if (result.Action is ParseErrorAction)
        {
            var command = result.CommandResult.Command;
            var reasons = command is RootCommand && result.UnmatchedTokens.Count > 0
                ? $"'{result.UnmatchedTokens[0]}' is no command."
                : string.Join(" ", result.Errors.Select(e => e.Message));
            return ErrorLine.Write("usage", $"{reasons} See '{PathOf(command)} --help'.", ExitCode.Usage);
        }

        using var cancellation = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        try
        {
            return await result.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                cancellation.Token);
        }
        catch (FailureException e)
        {
            return ErrorLine.Write(e.Code, e.Message, e.ExitCode);
        }
        catch (EdgeConnectionException e)
        {
            return ErrorLine.Write(e.Code, e.Detail, ExitCode.Unreachable);
        }
        catch (EdgeException e)
        {
            return ErrorLine.Write(e.Code, e.Detail, ExitCode.Refused);
        }
        catch (IOException e)
        {
            return ErrorLine.Write("io_error", e.Message, ExitCode.Refused);
        }
        catch (OperationCanceledException)
        {
            return ErrorLine.Write("cancelled", "Stopped before it was done.", ExitCode.Cancelled);
        }

        void Cancel(PosixSignalContext signal)
        {
            // The second signal is left to the system: it ends the process, whatever it does.
            if (!cancellation.IsCancellationRequested)
            {
                signal.Cancel = true;
                cancellation.Cancel();
            }
        }
    }

    /// <summary>All commands.</summary>
    public static RootCommand CreateRoot()
    {
        var root = new RootCommand("Deploys WebAssembly functions to a HeliosEdge silo, calls them, and runs modules without one.")
        {
            new DeployCommand(),
            new InvokeCommand(),
            new FanOutCommand(),
            new StatusCommand(),
            new CancelCommand(),
            new DeadCommand(),
            new FunctionsCommand(),
            new DescribeCommand(),
            new VersionsCommand(),
            new RollbackCommand(),
            new TrafficCommand(),
            new RegionsCommand(),
            new SqlCommand(),
            new ProceduresCommand(),
            new CallCommand(),
            new TriggersCommand(),
            new PipelinesCommand(),
            new KeysCommand(),
            new AuditCommand(),
            new RunCommand(),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    private static string PathOf(Command command) =>
        command is RootCommand ? "helios" : $"{PathOf(command.Parents.OfType<Command>().First())} {command.Name}";
}
