using System.Buffers;
using System.Text;

namespace HeliosEdge.Benchmarks.Sandbox;

/// <summary>A guest and the payload that it is called with.</summary>
internal sealed record Guest(string Name, byte[] Wasm, byte[] Payload)
{
    private const int PayloadBytes = 1_024;

    /// <summary>Answers with its payload.</summary>
    public static Guest Echo()
    {
        var payload = new byte[PayloadBytes];
        new Random(1).NextBytes(payload);
        return new Guest("echo", Read("echo"), payload);
    }

    /// <summary>Parses JSON into a tree, changes it, and answers with JSON.</summary>
    public static Guest Orders(string name)
    {
        const string Tail = "]}";
        var json = new StringBuilder("{\"customer\":\"Ada Lovelace\",\"express\":true,\"orders\":[");
        for (var i = 0; ; i++)
        {
            var order = $"{(i == 0 ? "" : ",")}{{\"id\":{10_000 + (i * 37)},\"item\":\"item number {i}\",\"quantity\":{(i % 9) + 1},\"unitPrice\":{100 + (i * 13)}}}";
            if (json.Length + order.Length + Tail.Length > PayloadBytes)
            {
                break;
            }

            json.Append(order);
        }

        json.Append(Tail).Append(' ', PayloadBytes - json.Length);
        return new Guest(name, Read(name), Encoding.ASCII.GetBytes(json.ToString()));
    }

    private static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", $"{name}.wasm"));
}

/// <summary>A way to call a guest on a fresh instance.</summary>
internal interface IRunner : IDisposable
{
    string Name { get; }

    /// <summary>One complete invocation: from a fresh instance to the response in the buffer.</summary>
    void Invoke(byte[] payload, ArrayBufferWriter<byte> response);
}
