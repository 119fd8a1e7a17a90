using System.Diagnostics;
using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz.Whole;

/// <summary>Modules that binaryen makes of random bytes; a number's module is always the same with one version of binaryen.</summary>
internal sealed class BinaryenModules(string wasmOpt, ulong seed)
{
    // Its fuzzer has no reference types apart from those of garbage collection, which 2.0 has not.
    private static readonly string[] _features =
        ["--mvp-features", "--enable-bulk-memory", "--enable-sign-ext", "--enable-nontrapping-float-to-int", "--enable-mutable-globals"];

    /// <summary>The module, made free of NaNs, or null where binaryen did not make one; and whether it has vectors.</summary>
    public (byte[] Bytes, bool HasVectors)? Module(long number)
    {
        var choices = new Choices(Choices.Seed(seed, (ulong)number));
        var hasVectors = choices.Below(2) == 0;
        var bytes = new byte[300 + choices.Below(6_000)];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)choices.Bits();
        }

        var folder = Directory.CreateTempSubdirectory("helios-binaryen-");
        try
        {
            var (input, output) = (Path.Combine(folder.FullName, "bytes"), Path.Combine(folder.FullName, "module.wasm"));
            File.WriteAllBytes(input, bytes);
            string[] arguments = [input, "-ttf", "--denan", .. _features, .. hasVectors ? ["--enable-simd"] : Array.Empty<string>(), "-o", output];
            using var process = Process.Start(new ProcessStartInfo(wasmOpt, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            _ = process.StandardError.ReadToEndAsync();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 && File.Exists(output) ? (File.ReadAllBytes(output), hasVectors) : null;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
