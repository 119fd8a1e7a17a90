using System.Net;
using System.Net.Sockets;
using HeliosEdge.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>
/// Where the other silos of a cluster reach this one. The port is taken before the silo says where it is: a free one can be chosen, and nobody takes it meanwhile.
/// </summary>
internal sealed class SiloEndpoint : IDisposable
{
    private readonly Socket _socket;

    /// <summary>Takes the port.</summary>
    /// <param name="address">The address by which the other silos reach this one.</param>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <exception cref="SiloStartException">It is taken, or the address is not of this machine.</exception>
    public SiloEndpoint(IPAddress address, int port)
    {
        try
        {
            _socket = SocketTransportOptions.CreateDefaultBoundListenSocket(new IPEndPoint(address, port));
        }
        catch (SocketException e)
        {
            throw new SiloStartException(
                e.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"{address}:{port}, where the other silos of the cluster are to reach this one, is in use by another process; choose another port with --{Setting.SiloPort.Name}."
                    : $"The other silos of the cluster cannot reach this one at {address}:{port}: {e.Message}.",
                e);
        }

        Address = (IPEndPoint)_socket.LocalEndPoint!;
    }

    /// <summary>The address and the port.</summary>
    public IPEndPoint Address { get; }

    /// <summary>The socket for an address that Orleans is to listen on: this one's, or a new one.</summary>
    public Socket Listen(EndPoint endpoint) => endpoint.Equals(Address) ? _socket : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
