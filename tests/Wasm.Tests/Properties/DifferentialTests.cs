using System.Diagnostics;
using Xunit.Abstractions;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>
/// A short, seeded run of tests/Wasm.Fuzz: generated functions do the same on our engine, plain, with fuel and without AVX, as on
/// libwasmtime and V8. It runs as a program of its own, for what is wrong in machine code may end the process.
/// </summary>
public sealed class DifferentialTests(ITestOutputHelper output)
{
    [Fact]
    public void Generated_functions_do_the_same_on_libwasmtime() => Compare("--seed", "20261128", "--count", "1536", "--node", "none");

    [NodeFact]
    public void Generated_functions_do_the_same_on_libwasmtime_and_V8() => Compare("--seed", "20261129", "--count", "1536");

    [NodeFact]
    public void A_difference_is_found_made_small_and_saved()
    {
        var folder = Directory.CreateTempSubdirectory("helios-fuzz-");
        try
        {
            // A V8 that cannot be right: all traps look alike to it.
            var (exitCode, text) = Fuzz(["compare", "--seed", "3", "--count", "512", "--variants", "plain", "--node", Liar(folder), "--reduce", "1", "--out", folder.FullName]);
            output.WriteLine(text);
            exitCode.ShouldBe(1);
            text.ShouldContain("DIFFER ReferencesDiffer");
            var named = folder.EnumerateFiles("1-*.md").Single();
            File.ReadAllText(named.FullName).ShouldContain("--seed 3 --from ");
            Module.Validate(File.ReadAllBytes(Path.ChangeExtension(named.FullName, ".wasm")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private void Compare(params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("helios-fuzz-");
        try
        {
            var (exitCode, text) = Fuzz(["compare", .. arguments, "--out", folder.FullName]);
            output.WriteLine(text);
            exitCode.ShouldBe(0, $"{text}{Environment.NewLine}{string.Join(Environment.NewLine, folder.EnumerateFiles("*.md").Select(file => File.ReadAllText(file.FullName)))}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A command that starts Node.js with a script that takes every trap for one of memory.</summary>
    private static string Liar(DirectoryInfo folder)
    {
        var path = Path.Combine(folder.FullName, "node");
        File.WriteAllText(path, "#!/bin/sh\nfor last; do :; done\nexec node -e \"$(printf '%s' \"$last\" | sed 's/known\\[1\\]/2/')\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        }

        return path;
    }

    private static (int ExitCode, string Text) Fuzz(string[] arguments)
    {
        // Both projects put their output in the same place below their folders.
        var tests = Path.Combine(Repository.Root, "tests");
        var below = Path.GetRelativePath(Path.Combine(tests, "Wasm.Tests"), AppContext.BaseDirectory);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(tests, "Wasm.Fuzz", below, "HeliosEdge.Wasm.Fuzz.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, text + errors.Result);
    }
}
