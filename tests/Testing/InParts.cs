using System.Net;
using System.Text;
using System.Threading.Channels;
using Shouldly;

namespace HeliosEdge.Testing;

/// <summary>The body of a request that a test sends part by part. Over HTTP/2 the answer is had while it is sent.</summary>
public sealed class InParts : HttpContent
{
    private readonly Channel<byte[]> _parts = Channel.CreateUnbounded<byte[]>();

    /// <summary>A request over HTTP/2 with this body.</summary>
    public static (HttpRequestMessage Request, InParts Body) Post(string path)
    {
        var body = new InParts();
        return (new HttpRequestMessage(HttpMethod.Post, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = body }, body);
    }

    public void Send(string part) => Send(Encoding.ASCII.GetBytes(part));

    public void Send(byte[] part) => _parts.Writer.TryWrite(part).ShouldBeTrue();

    public void End() => _parts.Writer.Complete();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.FlushAsync(cancellationToken);
        await foreach (var part in _parts.Reader.ReadAllAsync(cancellationToken))
        {
            await stream.WriteAsync(part, cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
