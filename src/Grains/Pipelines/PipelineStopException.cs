namespace HeliosEdge.Grains.Pipelines;

/// <summary>A pipeline has to stop until people have mended something; the message says what.</summary>
internal sealed class PipelineStopException(string message) : Exception(message);
