using System.Net;

namespace HeliosEdge.Client.Wire;

/// <summary>Bytes of a request that tell how many of them have been written to the connection. What is sent again counts from the beginning.</summary>
internal sealed class ReportedContent(ReadOnlyMemory<byte> bytes, IProgress<long> progress) : HttpContent
{
    private const int Chunk = 64 << 10;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            var chunk = bytes.Slice(sent, Math.Min(Chunk, bytes.Length - sent));
            await stream.WriteAsync(chunk, cancellationToken).ConfigureAwait(false);
            sent += chunk.Length;
            progress.Report(sent);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = bytes.Length;
        return true;
    }
}
