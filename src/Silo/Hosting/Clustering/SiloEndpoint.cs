using System.Net;
using System.Net.Sockets;
using HeliosEdge.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>
/// Where the other silos of a cluster reach this one, and clients where it has a gateway for them. The ports are taken before the silo says where it is: a free one can be chosen, and nobody takes it meanwhile.
/// </summary>
internal sealed class SiloEndpoint : IDisposable
{
    private readonly Socket _socket;
    private readonly Socket? _gateway;

    /// <summary>Takes the ports.</summary>
    /// <param name="address">The address by which the other silos, and clients, reach this one.</param>
    /// <param name="port">The port for silos; 0 for a free one.</param>
    /// <param name="gatewayPort">The port for clients; 0 for none.</param>
    /// <exception cref="SiloStartException">One is taken, or the address is not of this machine.</exception>
    public SiloEndpoint(IPAddress address, int port, int gatewayPort)
    {
        _socket = Take(address, port, "the other silos of the cluster", Setting.SiloPort);
        Address = (IPEndPoint)_socket.LocalEndPoint!;
        if (gatewayPort > 0)
        {
            try
            {
                _gateway = Take(address, gatewayPort, "clients of the cluster", Setting.GatewayPort);
            }
            catch (SiloStartException)
            {
                _socket.Dispose();
                throw;
            }
        }
    }

    /// <summary>The address and the port for silos.</summary>
    public IPEndPoint Address { get; }

    /// <summary>The socket for an address that Orleans is to listen on: this one's, or a new one.</summary>
    public Socket Listen(EndPoint endpoint) => endpoint.Equals(Address) ? _socket
        : _gateway is not null && endpoint.Equals(_gateway.LocalEndPoint) ? _gateway
        : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _gateway?.Dispose();
    }

    private static Socket Take(IPAddress address, int port, string who, Setting setting)
    {
        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(new IPEndPoint(address, port));
        }
        catch (SocketException e)
        {
            throw new SiloStartException(
                e.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"{address}:{port}, where {who} are to reach this silo, is in use by another process; choose another port with --{setting.Name}."
                    : $"{char.ToUpperInvariant(who[0])}{who[1..]} cannot reach this silo at {address}:{port}: {e.Message}.",
                e);
        }
    }
}
