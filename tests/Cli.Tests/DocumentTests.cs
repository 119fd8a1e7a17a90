using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace HeliosEdge.Cli.Tests;

/// <summary>What the documents have somebody type prints what they say, with a silo of this class's own.</summary>
[Trait("Category", "Process")]
public sealed partial class DocumentTests(SharedSilo silo) : IClassFixture<SharedSilo>
{
    [LinuxTheory]
    [InlineData("docs/data.md", "## A tour", 10)]
    public async Task EveryCommandPrintsWhatTheDocumentShows(string document, string heading, int atLeast)
    {
        var steps = ConsoleSession.Read(await File.ReadAllTextAsync(Path.Combine(Repository.Root, document)), heading);

        steps.Count.ShouldBeGreaterThanOrEqualTo(atLeast);
        foreach (var step in steps)
        {
            var printed = await RunAsync(step.Command);
            step.Fits(printed).ShouldBeTrue($"$ {step.Command}\n--- printed\n{printed}--- shown\n{string.Join('\n', step.Expected)}");
        }
    }

    [Fact]
    public async Task TheReadmeListsTheSamplesByTheirHashes()
    {
        var listed = SampleLine().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md")))
            .Select(line => (Name: line.Groups["name"].Value, Hash: line.Groups["hash"].Value, File: SharedSilo.Sample(line.Groups["name"].Value.Replace('-', '_'))))
            .Where(line => File.Exists(line.File))
            .ToArray();

        listed.Length.ShouldBeGreaterThan(5);
        foreach (var (name, hash, file) in listed)
        {
            Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file)))[..12].ShouldBe(hash, name);
        }
    }

    [Theory]
    [InlineData("a\nb\n", true, "a", "b")]
    [InlineData("a\nb\n", false, "a")]
    [InlineData("a\nb\nc\n", true, "a", "…")]
    [InlineData("a\nb\nc\n", true, "a", "…", "c")]
    [InlineData("a\nb\nc\n", false, "…", "b")]
    [InlineData("took 17 ms (all)\n", true, "took … ms (all)")]
    [InlineData("took 17 ms\n", false, "took … s")]
    [InlineData("", true)]
    [InlineData("x\n", false)]
    public void ADocumentIsRightOnlyWhereAllOfItIs(string printed, bool fits, params string[] shown) => new ConsoleStep("x", shown).Fits(printed).ShouldBe(fits);

    [GeneratedRegex("^(?<name>[a-z-]+) +(?<hash>[0-9a-f]{12}) ", RegexOptions.Multiline)]
    private static partial Regex SampleLine();

    private async Task<string> RunAsync(string command)
    {
        var start = new ProcessStartInfo("bash", ["-c", $"exec 2>&1; {command.Replace("localhost:8080", silo.Address.Authority, StringComparison.Ordinal)}"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Repository.Root,
        };
        Helios.Prepare(start);
        start.Environment["HELIOS_URL"] = silo.Address.ToString();
        start.Environment["PATH"] = $"{Path.GetDirectoryName(Helios.Executable)}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var printed = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return printed.Replace(silo.Address.Authority, "127.0.0.1:8080", StringComparison.Ordinal);
    }
}
