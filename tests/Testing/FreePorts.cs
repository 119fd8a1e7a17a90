using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace HeliosEdge.Testing;

/// <summary>Ports that stay free until somebody listens on them: below those that the system gives to connections, and each given out once.</summary>
public static class FreePorts
{
    private static readonly ConcurrentDictionary<int, bool> Given = [];

    public static int[] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => Take())];

    public static int Take()
    {
        while (true)
        {
            var port = Random.Shared.Next(12_000, 32_000);
            if (!Given.TryAdd(port, true))
            {
                continue;
            }

            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another program's.
                continue;
            }
        }
    }
}
