using System.CommandLine;
using HeliosEdge.Cli.CommandLine;
using Shouldly;
using Xunit;

namespace HeliosEdge.Cli.Tests;

[Trait("Category", "Process")]
public sealed class HelpTests
{
    [Theory]
    [InlineData("deploy")]
    [InlineData("invoke")]
    [InlineData("fanout")]
    [InlineData("status")]
    [InlineData("cancel")]
    [InlineData("dead")]
    [InlineData("functions")]
    [InlineData("describe")]
    [InlineData("versions")]
    [InlineData("rollback")]
    [InlineData("traffic")]
    [InlineData("regions")]
    [InlineData("sql")]
    [InlineData("procedures")]
    [InlineData("call")]
    [InlineData("triggers")]
    [InlineData("pipelines")]
    [InlineData("keys")]
    [InlineData("audit")]
    [InlineData("run")]
    public async Task EveryCommandsHelpHasAnExampleAndTheExitCodes(string command)
    {
        var outcome = await Helios.RunAsync(command, "--help");

        outcome.ExitCode.ShouldBe(0);
        outcome.Error.ShouldBeEmpty();
        outcome.Lines.ShouldContain("Examples:");
        outcome.Lines.Count(l => l.Contains($"helios {command} ", StringComparison.Ordinal)).ShouldBeGreaterThan(1);
        outcome.Lines.ShouldContain(l => l.StartsWith("  134 ", StringComparison.Ordinal));
    }

    [Fact]
    public void EveryCommandPrintsJsonWhereItIsAskedTo()
    {
        var commands = Leaves(HeliosCommandLine.CreateRoot()).ToArray();

        commands.Length.ShouldBeGreaterThan(15);
        commands.Where(command => command.Options.All(option => option.Name != "--json")).Select(command => command.Name).ShouldBeEmpty();

        static IEnumerable<Command> Leaves(Command command) =>
            command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);
    }

    [Fact]
    public async Task TheHelpListsEveryCommand()
    {
        var outcome = await Helios.RunAsync("--help");

        outcome.ExitCode.ShouldBe(0);
        foreach (var command in new[] { "deploy", "invoke", "fanout", "status", "cancel", "dead", "functions", "describe", "versions", "rollback", "traffic", "regions", "sql", "procedures", "call", "triggers", "pipelines", "keys", "audit", "run" })
        {
            outcome.Lines.ShouldContain(l => l.StartsWith($"  {command}", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("deploy")]
    [InlineData("invoke")]
    [InlineData("fanout")]
    [InlineData("status")]
    [InlineData("cancel")]
    [InlineData("dead")]
    [InlineData("functions")]
    [InlineData("describe")]
    [InlineData("regions")]
    [InlineData("sql")]
    [InlineData("procedures")]
    [InlineData("call")]
    [InlineData("triggers")]
    [InlineData("pipelines")]
    public async Task CommandsThatTalkToASiloSayWhereFrom(string command)
    {
        var outcome = await Helios.RunAsync(command, "--help");

        outcome.Text.ShouldContain("--url <URL>");
        outcome.Text.ShouldContain("HELIOS_URL");
        outcome.Text.ShouldContain("http://127.0.0.1:8080");
    }
}
