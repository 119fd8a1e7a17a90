using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Access;
using Npgsql;
using Orleans.Runtime;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>
/// Asks the silos that are there, before this one joins them, whether it and they take each other's certificates. Orleans would try for minutes, and could say no more than that nobody answers.
/// </summary>
/// <param name="database">Where the members are listed.</param>
/// <param name="cluster">The cluster's id.</param>
/// <param name="own">Where this silo listens.</param>
/// <param name="tls">What this silo shows; null for one that speaks without TLS.</param>
internal sealed class ClusterEntry(NpgsqlDataSource database, string cluster, IPEndPoint own, ClusterTls? tls)
{
    /// <summary>How long one may take. Whoever does not answer in time is left to Orleans, which knows of silos that are gone.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A silo that speaks without TLS does so at once. Longer silence is taken for one that waits for TLS to begin, and then asked.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(500);

    /// <summary>Asks all that are up; their tables are there.</summary>
    /// <exception cref="SiloStartException">One of them does not let this silo in, or is not to be let in.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken = default)
    {
        var members = await MembersAsync(cancellationToken);
        var faults = await Task.WhenAll(members.Select(member => FaultAsync(member, cancellationToken)));
        if (faults.FirstOrDefault(found => found is not null) is { } fault)
        {
            throw new SiloStartException($"This silo cannot join the cluster \"{cluster}\": the silo at {fault}.");
        }
    }

    private async Task<List<IPEndPoint>> MembersAsync(CancellationToken cancellationToken)
    {
        var members = new List<IPEndPoint>();
        await using var command = database.CreateCommand(
            "SELECT Address, Port FROM OrleansMembershipTable WHERE DeploymentId = $1 AND Status = $2 AND IAmAliveTime > now() - interval '30 seconds'");
        command.Parameters.AddWithValue(cluster);
        command.Parameters.AddWithValue((int)SiloStatus.Active);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var member = new IPEndPoint(IPAddress.Parse(rows.GetString(0)), rows.GetInt32(1));
            if (!member.Equals(own))
            {
                members.Add(member);
            }
        }

        return members;
    }

    private async Task<string?> FaultAsync(IPEndPoint member, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var fault = tls is null ? await FaultWithoutAsync(member, limit.Token) : await FaultWithAsync(tls, member, limit.Token);
            return fault is null ? null : $"{member} {fault}";
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // It is not there, or hangs: it is no member for long.
            return null;
        }
    }

    private static async Task<string?> FaultWithoutAsync(IPEndPoint member, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(member, cancellationToken);
        var first = SpeaksAsync(connection, cancellationToken);
        if (await Task.WhenAny(first, Task.Delay(Silence, cancellationToken)) == first && await first)
        {
            return null;
        }

        var showsOne = false;
        await using var encrypted = new SslStream(connection);
        var options = new SslClientAuthenticationOptions { TargetHost = string.Empty, RemoteCertificateValidationCallback = (_, _, _, _) => !(showsOne = true) };
        try
        {
            await encrypted.AuthenticateAsClientAsync(options, cancellationToken);
        }
        catch (AuthenticationException)
        {
            // That is how it ends: no certificate is good here.
        }

        return showsOne ? $"asks for a certificate, and this one has none: --{AccessSettings.PeerCa.Name} and --{AccessSettings.PeerCert.Name} name its files" : null;
    }

    private static async Task<string?> FaultWithAsync(ClusterTls tls, IPEndPoint member, CancellationToken cancellationToken)
    {
        var isShown = false;
        string? fault = null;
        var options = tls.Connecting(found => (isShown, fault) = (true, found));
        options.TargetHost = member.Address.ToString();
        await using var connection = await ConnectAsync(member, cancellationToken);
        await using var encrypted = new SslStream(connection);
        try
        {
            await encrypted.AuthenticateAsClientAsync(options, cancellationToken);

            // In TLS 1.3 this end is ready before the other has judged what it was shown. A silo begins to speak once it has.
            if (await encrypted.ReadAsync(new byte[1], cancellationToken) > 0)
            {
                return null;
            }
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            if (fault is not null)
            {
                return $"is not let in: {fault}";
            }

            if (!isShown)
            {
                await using var again = await ConnectAsync(member, cancellationToken);
                return await SpeaksAsync(again, cancellationToken) ? "speaks without TLS: either all silos of a cluster have certificates or none" : null;
            }
        }

        return $"refuses the certificate {tls.Subject}; its log says why";
    }

    private static async Task<NetworkStream> ConnectAsync(IPEndPoint member, CancellationToken cancellationToken)
    {
        var socket = new Socket(member.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(member, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // What comes is left there to be read.
    private static async Task<bool> SpeaksAsync(NetworkStream connection, CancellationToken cancellationToken) =>
        await connection.Socket.ReceiveAsync(new byte[1], SocketFlags.Peek, cancellationToken) > 0;
}
