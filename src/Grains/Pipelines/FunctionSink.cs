using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>Answers that are the payload of another function.</summary>
internal sealed class FunctionSink(FunctionHosts hosts, string region, string function) : IAnswerSink
{
    public async Task DeliverAsync(ReadOnlyMemory<byte> answer, CancellationToken cancellationToken)
    {
        var result = await hosts.InvokeAsync(region, function, new FunctionCall { Payload = answer }, stream: null, cancellationToken).ConfigureAwait(false);
        if (result.Fault is { } fault)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new SandboxException(fault.Code, $"The sink \"{function}\": {fault.Message}") { Limit = fault.Limit, Value = fault.Value };
        }
    }
}
