using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Http;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>Answers that are posted to an address.</summary>
internal sealed class WebhookSink(IOutboundHttp http, FunctionCatalog catalog, SandboxPolicy policy, string region, string function, string pipeline, string address) : IAnswerSink
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task DeliverAsync(ReadOnlyMemory<byte> answer, CancellationToken cancellationToken)
    {
        var request = new OutboundHttpRequest
        {
            Method = "POST",
            Url = address,
            Headers = [new("content-type", "application/json"), new("x-helios-pipeline", pipeline)],
            Body = answer.ToArray(),
        };
        var sender = WebhookSender.For(catalog.Find(region, function), region, policy);
        var status = await Task.Run(() => Send(request, sender, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (status is < 200 or > 299)
        {
            throw new SandboxException(MayPass(status) ? ErrorCodes.HttpFailed : ErrorCodes.SinkFailed, $"The webhook answered with the status {status}.") { Value = status };
        }
    }

    private static bool MayPass(int status) => status is 408 or 425 or 429 or >= 500;

    private int Send(OutboundHttpRequest request, OutboundHttpSender sender, CancellationToken cancellationToken)
    {
        try
        {
            return http.Send(request, sender, Patience, cancellationToken).Status;
        }
        catch (TimeoutException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new SandboxException(ErrorCodes.HttpFailed, $"The webhook has not answered within {Patience.TotalSeconds} s.", e);
        }
    }
}
