using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Silo.Federation;

/// <summary>Modules that other silos have. Only those that answer are asked, the nearest first.</summary>
internal sealed partial class PeerModules(HttpRegionPeers peers, SandboxPolicy policy, ILogger<PeerModules> log) : IModuleSource
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task<byte[]?> FetchAsync(string hash)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        foreach (var silo in peers.Nearest.Cast<HttpRegionPeer>().Select(peer => peer.Silo).Distinct().Where(silo => silo.State.IsUp == true))
        {
            try
            {
                using var request = silo.Request(HttpMethod.Get, $"v1/peer/modules/{hash}");
                using var response = await silo.SendAsync(request, timeout.Token);
                if (!response.IsSuccessStatusCode)
                {
                    continue;
                }

                var bytes = await PeerAnswer.BytesAsync(response, silo, policy.MaxModuleBytes, timeout.Token);
                ModuleHash.RequireStated(hash, ModuleHash.Of(bytes));
                LogFetched(log, hash, silo.Address);
                return bytes;
            }
            catch (Exception e) when (e is SandboxException or HttpRequestException or OperationCanceledException)
            {
                LogFailed(log, hash, silo.Address, e.Message);
            }
        }

        return null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The module {Hash} came from {Address}.")]
    private static partial void LogFetched(ILogger log, string hash, Uri address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The module {Hash} could not be taken from {Address}: {Problem}")]
    private static partial void LogFailed(ILogger log, string hash, Uri address, string problem);
}
