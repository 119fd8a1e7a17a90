using System.Buffers.Binary;
using System.Text;
using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz.Engines;

/// <summary>What goes through the pipes to and from an engine's process; reference.js says the same.</summary>
internal static class EngineMessage
{
    private const int FunctionBytes = 12;

    public static byte[] Request(GeneratedModule module, IReadOnlyList<int> functions)
    {
        var bytes = new byte[12 + module.Bytes.Length + (functions.Count * FunctionBytes)];
        var rest = bytes.AsSpan();
        rest = Int(rest, bytes.Length - 4);
        rest = Int(rest, module.Bytes.Length);
        module.Bytes.CopyTo(rest);
        rest = Int(rest[module.Bytes.Length..], functions.Count);
        foreach (var function in functions)
        {
            rest = Int(rest, function);
            rest = Int(rest, module.Functions[function].Results);
            rest = Int(rest, module.Functions[function].NeedsNewInstance ? 1 : 0);
        }

        return bytes;
    }

    /// <summary>A request that is a module and nothing else.</summary>
    public static byte[] WholeRequest(byte[] module)
    {
        var bytes = new byte[4 + module.Length];
        module.CopyTo(Int(bytes, module.Length));
        return bytes;
    }

    /// <summary>The next request, whatever is in it, or null at the end of the stream.</summary>
    public static byte[]? ReadWholeRequest(Stream stream)
    {
        var head = new byte[4];
        if (stream.ReadAtLeast(head, 4, throwOnEndOfStream: false) < 4)
        {
            return null;
        }

        var request = new byte[Int(head)];
        stream.ReadExactly(request);
        return request;
    }

    /// <summary>The next request to run functions, or null at the end of the stream.</summary>
    public static (byte[] Module, IReadOnlyList<(int Number, GeneratedFunction Function)> Functions)? ReadRequest(Stream stream)
    {
        if (ReadWholeRequest(stream) is not { } request)
        {
            return null;
        }

        var length = Int(request);
        var at = 4 + length;
        var count = Int(request.AsSpan(at));
        at += 4;
        var functions = new (int, GeneratedFunction)[count];
        for (var i = 0; i < count; i++, at += FunctionBytes)
        {
            functions[i] = (Int(request.AsSpan(at)), new(Int(request.AsSpan(at + 4)), Int(request.AsSpan(at + 8)) != 0));
        }

        return (request[4..(4 + length)], functions);
    }

    public static void WriteAnswer(Stream stream, byte[] records)
    {
        Span<byte> head = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(head, records.Length);
        stream.Write(head);
        stream.Write(records);
        stream.Flush();
    }

    public static void WriteRefusal(Stream stream, string message)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        Span<byte> head = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(head, -bytes.Length);
        stream.Write(head);
        stream.Write(bytes);
        stream.Flush();
    }

    /// <exception cref="EndOfStreamException">The process is gone.</exception>
    /// <exception cref="InvalidOperationException">The engine refuses the module or failed otherwise.</exception>
    public static byte[] ReadAnswer(Stream stream)
    {
        var head = new byte[4];
        stream.ReadExactly(head);
        var length = Int(head);
        var answer = new byte[Math.Abs(length)];
        stream.ReadExactly(answer);
        return length >= 0 ? answer : throw new InvalidOperationException(Encoding.UTF8.GetString(answer));
    }

    private static int Int(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes);

    private static Span<byte> Int(Span<byte> bytes, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes[4..];
    }
}
