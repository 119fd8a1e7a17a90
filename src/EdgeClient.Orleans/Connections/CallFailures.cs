using System.Net;
using Orleans.Runtime;

namespace HeliosEdge.Client.Connections;

/// <summary>Says in this library's exceptions what became of a call whose grain did not answer.</summary>
internal static class CallFailures
{
    /// <summary>Waits for a grain's answer.</summary>
    /// <exception cref="EdgeException">There was none.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<T> AnswerAsync<T>(this IReadOnlyList<IPEndPoint> gateways, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Of(e, gateways);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Of(e, gateways);
        }
    }

    /// <summary>The exception of this library for one of Orleans.</summary>
    public static EdgeException Of(Exception e, IReadOnlyList<IPEndPoint> gateways) => e switch
    {
        EdgeException known => known,
        GatewayTooBusyException => new EdgeOverloadedException(null, e.Message),

        // What a grain did not expect; the silo's log says more.
        _ when !IsOfTheWay(e) => new EdgeException("internal_error", null, $"The silo failed at this: {e.Message}", e),
        _ => new EdgeConnectionException(AddressOf(gateways), $"No answer from the cluster at {string.Join(", ", gateways)}: {e.GetBaseException().Message}", e),
    };

    private static bool IsOfTheWay(Exception e) => e is TimeoutException or OrleansException or EnumerationAbortedException or OperationCanceledException
        or ObjectDisposedException or IOException or InvalidOperationException { Source: "Orleans.Core" };

    private static Uri AddressOf(IReadOnlyList<IPEndPoint> gateways) => new($"tcp://{gateways[0]}");
}
