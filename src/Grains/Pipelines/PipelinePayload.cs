using System.Buffers;
using System.Text;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>What a pipeline's function gets: <c>{"pipeline": "…", "events": […]}</c>.</summary>
internal static class PipelinePayload
{
    /// <summary>Bytes around the events.</summary>
    public static int Envelope(string pipeline) => Head(pipeline).Length + "]}".Length;

    /// <summary>Changes that follow each other.</summary>
    public static ReadOnlyMemory<byte> Of(string pipeline, ChangeBatch batch, int from, int count)
    {
        var events = batch.Events(from, count).Span;
        var head = Head(pipeline);
        var payload = new ArrayBufferWriter<byte>(head.Length + events.Length + 2);
        payload.Write(head);
        payload.Write(events);
        payload.Write("]}"u8);
        return payload.WrittenMemory;
    }

    /// <summary>Some changes, in order.</summary>
    public static ReadOnlyMemory<byte> Of(string pipeline, ChangeBatch batch, List<int> changes)
    {
        var payload = new ArrayBufferWriter<byte>(4_096);
        payload.Write(Head(pipeline));
        for (var i = 0; i < changes.Count; i++)
        {
            payload.Write(i == 0 ? default : ","u8);
            payload.Write(batch.Events(changes[i], 1).Span);
        }

        payload.Write("]}"u8);
        return payload.WrittenMemory;
    }

    /// <summary>One change that is not in a batch.</summary>
    public static ReadOnlyMemory<byte> Of(string pipeline, ReadOnlyMemory<byte> change) => (byte[])[.. Head(pipeline), .. change.Span, .. "]}"u8];

    // A name is a DNS label: nothing in it is to be escaped.
    private static byte[] Head(string pipeline) => Encoding.UTF8.GetBytes($"{{\"pipeline\":\"{pipeline}\",\"events\":[");
}
