using System.IO.MemoryMappedFiles;
using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz.Engines;

/// <summary>The other end of a <see cref="ChildEngine"/>: runs on our engine what standard input asks for.</summary>
internal static class ManagedWorker
{
    public static int Run(FileInfo progressFile, bool meterFuel)
    {
        using var mapped = MemoryMappedFile.CreateFromFile(progressFile.FullName, FileMode.Open);
        using var progress = mapped.CreateViewAccessor(0, 8);
        using var input = new BufferedStream(Console.OpenStandardInput(), 1 << 16);
        using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
        var options = new CompileOptions { MeterFuel = meterFuel };
        while (EngineMessage.ReadRequest(input) is { } request)
        {
            byte[] records;
            try
            {
                using var module = Module.Compile(request.Module, options);
                records = GeneratedRun.Records(module, request.Functions, reuse: true, function => progress.Write(0, function));
            }
            catch (Exception exception)
            {
                // Whatever it is, it is the answer: the session says so and ends.
                EngineMessage.WriteRefusal(output, exception.ToString());
                continue;
            }

            EngineMessage.WriteAnswer(output, records);
        }

        return 0;
    }
}
