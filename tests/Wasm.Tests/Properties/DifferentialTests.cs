using System.Diagnostics;
using HeliosEdge.Testing.Building;
using Xunit.Abstractions;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>
/// A short, seeded run of tests/Wasm.Fuzz: generated functions do the same on our engine, plain, with fuel and without AVX, as on
/// libwasmtime and V8. It runs as a program of its own, for what is wrong in machine code may end the process.
/// </summary>
[Trait("Category", "Process")]
public sealed class DifferentialTests(ITestOutputHelper output)
{
    [Fact]
    public void Generated_functions_do_the_same_on_libwasmtime() => Compare("--seed", "20261128", "--count", "1536", "--node", "none");

    [NodeFact]
    public void Generated_functions_do_the_same_on_libwasmtime_and_V8() => Compare("--seed", "20261129", "--count", "1536");

    [Fact]
    public void A_zero_that_is_counted_or_divided_by_is_no_other_where_a_count_or_a_rotation_made_it()
    {
        // Without AVX there is neither LZCNT nor BMI1: both counts then begin with a comparison with zero.
        var module = new ModuleBuilder();
        foreach (var (kind, zeros, consumers) in ((ValueKind, Op[], Op[])[])
        [
            (ValueKind.I32, [Op.I32Ctz, Op.I32Clz], [Op.I32Ctz, Op.I32Clz, Op.I32Popcnt]),
            (ValueKind.I64, [Op.I64Ctz, Op.I64Clz], [Op.I64Ctz, Op.I64Clz, Op.I64Popcnt]),
        ])
        {
            foreach (var inner in zeros)
            {
                foreach (var outer in consumers)
                {
                    module.Function($"{outer} {inner}", [kind], [kind], c => c.Get(0).Emit(inner, outer));
                }
            }
        }

        module.Function("remainder", Kinds.I32, Kinds.I32, c => c.I32(7).Get(0).Emit(Op.I32Ctz, Op.I32RemS));
        module.Function("wide remainder", Kinds.I64, Kinds.I64, c => c.I64(7).Get(0).Emit(Op.I64Ctz, Op.I64RemS));
        module.Function("rotated divisor", Kinds.I32, Kinds.I32, c => c.I32(7).Get(0).I32(1).Emit(Op.I32Sub).I32(3).Emit(Op.I32Rotl, Op.I32RemS));
        module.Function("switched", Kinds.I32, Kinds.I32, c => c
            .Block(outer => outer.Block(inner => inner.Get(0).Emit(Op.I32Ctz).BrTable([0], 1)).I32(10).Emit(Op.Return)).I32(20));
        module.Function("rotated and counted", Kinds.I32, Kinds.I32, c => c.Get(0).I32(1).Emit(Op.I32Sub).I32(3).Emit(Op.I32Rotl, Op.I32Clz));
        var folder = Directory.CreateTempSubdirectory("helios-fuzz-");
        try
        {
            var path = Path.Combine(folder.FullName, "counts.wasm");
            File.WriteAllBytes(path, module.Build());
            var (exitCode, text) = Fuzz(["binaryen", "--module", path, "--node", "none", "--out", folder.FullName]);
            exitCode.ShouldBe(0, $"{text}{string.Join(Environment.NewLine, folder.EnumerateFiles("*.md").Select(file => File.ReadAllText(file.FullName)))}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

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
