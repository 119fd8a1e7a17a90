using System.Net.Security;

namespace HeliosEdge.Federation;

/// <summary>
/// A TLS connection to another silo. In TLS 1.3 a server looks at the client's certificate when the client has long finished
/// its handshake: that it is refused is seen as a connection that ends before its first byte, and is said so here.
/// </summary>
internal sealed class PeerTlsStream(Stream connection, string? shownSubject) : SslStream(connection)
{
    private bool _hasRead;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_hasRead)
        {
            return await base.ReadAsync(buffer, cancellationToken);
        }

        try
        {
            var count = await base.ReadAsync(buffer, cancellationToken);
            if (count == 0 && buffer.Length > 0)
            {
                throw new IOException("the connection was closed");
            }

            _hasRead |= count > 0;
            return count;
        }
        catch (IOException e) when (shownSubject is not null)
        {
            throw new IOException($"it ended the connection when it was shown the certificate {shownSubject}: {e.GetBaseException().Message}");
        }
    }
}
