using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>What answers of a pipeline's function go to, outside of its database.</summary>
internal interface IAnswerSink
{
    /// <summary>Delivers an answer.</summary>
    /// <exception cref="SandboxException">It was not taken. <see cref="ErrorCodes.SinkFailed"/>: another try with the same would meet the same.</exception>
    Task DeliverAsync(ReadOnlyMemory<byte> answer, CancellationToken cancellationToken);
}
