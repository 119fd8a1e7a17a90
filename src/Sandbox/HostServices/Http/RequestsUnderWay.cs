using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>Counts the requests of each function in each region that have begun and not ended. Used by many threads.</summary>
internal sealed class RequestsUnderWay
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Region, string Function), int> _counts = [];

    /// <summary>Counts one more.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.HttpRequestsExceeded"/>: it is one too many, and not counted.</exception>
    public void Begin(OutboundHttpSender sender)
    {
        lock (_gate)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, (sender.Region, sender.Function), out _);
            if (count < sender.MaxRequests)
            {
                count++;
                return;
            }

            throw SandboxException.Breach(
                ErrorCodes.HttpRequestsExceeded,
                "The HTTP request is not sent: with it the function would have at the same time",
                sender.MaxRequests,
                count + 1L,
                "requests");
        }
    }

    /// <summary>Counts one less.</summary>
    public void End(OutboundHttpSender sender)
    {
        lock (_gate)
        {
            var key = (sender.Region, sender.Function);
            ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(_counts, key);
            if (--count == 0)
            {
                // Functions come and go.
                _counts.Remove(key);
            }
        }
    }
}
