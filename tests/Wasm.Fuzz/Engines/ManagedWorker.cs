using System.IO.MemoryMappedFiles;
using System.Text;
using HeliosEdge.Wasm.Fuzz.Whole;
using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz.Engines;

/// <summary>The other end of a <see cref="ChildEngine"/>: runs on our engine what standard input asks for.</summary>
internal static class ManagedWorker
{
    public static int Run(FileInfo progressFile, bool meterFuel, bool whole)
    {
        using var mapped = MemoryMappedFile.CreateFromFile(progressFile.FullName, FileMode.Open);
        using var progress = mapped.CreateViewAccessor(0, 8);
        using var input = new BufferedStream(Console.OpenStandardInput(), 1 << 16);
        using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
        var options = new CompileOptions { MeterFuel = meterFuel };
        while ((whole ? Whole(input, options) : Functions(input, options, progress)) is { } answer)
        {
            // Whatever goes wrong is the answer: the session says so.
            if (answer.Refusal is { } refusal)
            {
                EngineMessage.WriteRefusal(output, refusal);
            }
            else
            {
                EngineMessage.WriteAnswer(output, answer.Records);
            }
        }

        return 0;
    }

    private static (byte[] Records, string? Refusal)? Whole(Stream input, CompileOptions options) =>
        EngineMessage.ReadWholeRequest(input) is { } module ? Answer(() => Encoding.UTF8.GetBytes(ManagedWholeModule.Run(module, options))) : null;

    private static (byte[] Records, string? Refusal)? Functions(Stream input, CompileOptions options, MemoryMappedViewAccessor progress) =>
        EngineMessage.ReadRequest(input) is not { } request
            ? null
            : Answer(() =>
            {
                using var module = Module.Compile(request.Module, options);
                return GeneratedRun.Records(module, request.Functions, reuse: true, function => progress.Write(0, function));
            });

    private static (byte[] Records, string? Refusal) Answer(Func<byte[]> run)
    {
        try
        {
            return (run(), null);
        }
        catch (Exception exception)
        {
            return ([], exception.ToString());
        }
    }
}
