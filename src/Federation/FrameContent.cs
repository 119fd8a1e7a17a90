using System.Net;
using HeliosEdge.Grains.Http;

namespace HeliosEdge.Federation;

/// <summary>A message of <see cref="HttpFrame"/> whose body is sent while it comes. An answer to it may begin before it is whole.</summary>
/// <param name="head">The head, as <see cref="HttpFrame.Write"/> made it.</param>
/// <param name="body">The body.</param>
internal sealed class FrameContent(ReadOnlyMemory<byte> head, StreamedRequest body) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(head, cancellationToken);
        await stream.FlushAsync(cancellationToken);
        while (true)
        {
            var read = await body.Body.ReadAsync(cancellationToken);
            foreach (var piece in read.Buffer)
            {
                await stream.WriteAsync(piece, cancellationToken);
            }

            body.Body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }

            await stream.FlushAsync(cancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = head.Length + (body.Length ?? 0);
        return body.Length is not null;
    }
}
