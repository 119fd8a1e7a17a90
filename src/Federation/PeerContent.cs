using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Wasi.Files.Bundles;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Federation;

/// <summary>Modules and bundles that other silos have. Only those that answer are asked, the nearest first.</summary>
internal sealed partial class PeerContent(HttpRegionPeers peers, SandboxPolicy policy, BundleLimits bundles, ILogger<PeerContent> log)
    : IModuleSource, IBundleSource
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    Task<byte[]?> IModuleSource.FetchAsync(string hash) => FetchAsync("module", "v1/peer/modules", hash, policy.MaxModuleBytes);

    Task<byte[]?> IBundleSource.FetchAsync(string hash) => FetchAsync("bundle", "v1/peer/bundles", hash, bundles.MaxArchiveBytes);

    private async Task<byte[]?> FetchAsync(string kind, string path, string hash, int maxBytes)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        foreach (var silo in peers.Nearest.Cast<HttpRegionPeer>().Select(peer => peer.Silo).Distinct().Where(silo => silo.State.IsUp == true))
        {
            try
            {
                using var request = silo.Request(HttpMethod.Get, $"{path}/{hash}");
                using var response = await silo.SendAsync(request, timeout.Token);
                if (!response.IsSuccessStatusCode)
                {
                    continue;
                }

                var bytes = await PeerAnswer.BytesAsync(response, silo, maxBytes, timeout.Token);
                ModuleHash.RequireStated(hash, ModuleHash.Of(bytes));
                LogFetched(log, kind, hash, silo.Address);
                return bytes;
            }
            catch (Exception e) when (e is SandboxException or HttpRequestException or OperationCanceledException)
            {
                LogFailed(log, kind, hash, silo.Address, e.Message);
            }
        }

        return null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The {Kind} {Hash} came from {Address}.")]
    private static partial void LogFetched(ILogger log, string kind, string hash, Uri address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The {Kind} {Hash} could not be taken from {Address}: {Problem}")]
    private static partial void LogFailed(ILogger log, string kind, string hash, Uri address, string problem);
}
