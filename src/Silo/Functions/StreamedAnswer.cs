using System.Diagnostics.Metrics;
using HeliosEdge.Grains.Http;
using HeliosEdge.Grains.Placement;

namespace HeliosEdge.Silo.Functions;

/// <summary>Sends what a guest answers while it writes it.</summary>
internal static partial class StreamedAnswer
{
    private static readonly Meter Meter = new("HeliosEdge.Silo");
    private static readonly Counter<long> Broken = Meter.CreateCounter<long>(
        "helios.http.broken_responses", "{response}", "Responses of functions that broke off after their head was sent.");

    /// <summary>Waits until a call has ended, or has begun to answer before that.</summary>
    /// <returns>True if there is something to pass on while it runs.</returns>
    public static async ValueTask<bool> HasBegunAsync(StreamedResponse stream, Task<PlacedInvocation> running) =>
        await Task.WhenAny(running, stream.Begun) != running && !running.IsCompleted;

    /// <summary>Sends the head that is set, then the body. If the guest then fails, the connection breaks, so that nobody takes the response for a whole one.</summary>
    /// <param name="http">The request.</param>
    /// <param name="name">The function's name.</param>
    /// <param name="stream">What <see cref="HasBegunAsync"/> was true for.</param>
    /// <param name="running">The call.</param>
    /// <param name="before">Bytes to send before those of the guest.</param>
    public static async Task PassOnAsync(
        HttpContext http, string name, StreamedResponse stream, Task<PlacedInvocation> running, ReadOnlyMemory<byte> before = default)
    {
        var (region, begun) = await stream.Begun;
        InvocationAnswer.Tell(http.Response, region, begun);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        var copying = CopyAsync(http.Response, stream, before, stop.Token);

        bool? hasLeft = null;

        // A guest that does not heed its caller's deadline writes on; its caller need not wait for that.
        if (await Task.WhenAny(copying, running) == running && (!running.IsCompletedSuccessfully || (await running).Result.Fault is not null))
        {
            // Now, for a connection whose sending is stopped ends as it does when its caller leaves.
            hasLeft = http.RequestAborted.IsCancellationRequested;
            await stop.CancelAsync();
        }

        await copying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await stream.Body.CompleteAsync();
        var fault = (await running).Result.Fault;
        if (fault is null && copying.IsCompletedSuccessfully)
        {
            return;
        }

        if (!(hasLeft ?? http.RequestAborted.IsCancellationRequested))
        {
            Broken.Add(1, new("function", name), new("region", region), new("code", fault?.Code));
            LogBroken(
                http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(StreamedAnswer).FullName!),
                name,
                region,
                fault?.Code ?? "the caller",
                fault?.Message ?? copying.Exception?.GetBaseException().Message ?? "gone");
        }

        http.Abort();
    }

    private static async Task CopyAsync(HttpResponse response, StreamedResponse stream, ReadOnlyMemory<byte> before, CancellationToken stop)
    {
        await response.StartAsync(stop);
        if (!before.IsEmpty)
        {
            await response.BodyWriter.WriteAsync(before, stop);
        }

        await stream.Body.CopyToAsync(response.BodyWriter, stop);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The response of {Function} in {Region} broke off after its head was sent: {Code}: {Reason}")]
    private static partial void LogBroken(ILogger log, string function, string region, string code, string reason);
}
