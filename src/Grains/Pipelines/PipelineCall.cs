using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Http;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>Has pipelines' functions called, and gives what they answer to sinks outside of the database.</summary>
public sealed class PipelineCall(FunctionHosts hosts, FunctionCatalog catalog, SandboxPolicy policy, HostServiceSet services)
{
    /// <summary>Bytes of the events that a pipeline's function takes at once.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.FunctionNotFound"/>.</exception>
    internal int MaxEventBytes(string region, PipelineDefinition pipeline) =>
        Math.Clamp(catalog.Find(region, pipeline.Function).Limits.MaxPayloadBytes - PipelinePayload.Envelope(pipeline.Name), 1, PipelineLimits.MaxBatchBytes);

    /// <summary>Calls the function, and delivers its answer unless a table gets it.</summary>
    /// <returns>The answer.</returns>
    /// <exception cref="SandboxException">The function failed, or the sink did not take its answer.</exception>
    internal async Task<ReadOnlyMemory<byte>> CallAsync(string region, PipelineDefinition pipeline, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var result = await hosts.InvokeAsync(region, pipeline.Function, new FunctionCall { Payload = payload }, stream: null, cancellationToken).ConfigureAwait(false);
        if (result.Fault is { } fault)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new SandboxException(fault.Code, fault.Message) { Limit = fault.Limit, Value = fault.Value };
        }

        if (!result.Response.IsEmpty && SinkOf(region, pipeline) is { } sink)
        {
            await sink.DeliverAsync(result.Response, cancellationToken).ConfigureAwait(false);
        }

        return result.Response;
    }

    private IAnswerSink? SinkOf(string region, PipelineDefinition pipeline) => pipeline.Sink switch
    {
        { Function: { } function } => new FunctionSink(hosts, region, function),
        { Webhook: { } address } => new WebhookSink(
            services.Find<IOutboundHttp>() ?? throw new SandboxException(ErrorCodes.Unavailable, "This silo sends no HTTP requests."),
            catalog,
            policy,
            region,
            pipeline.Function,
            pipeline.Name,
            address),
        _ => null,
    };
}
