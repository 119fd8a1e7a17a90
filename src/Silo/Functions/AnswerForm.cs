using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Silo.Functions;

/// <summary>How an endpoint writes what a function answered.</summary>
internal abstract class AnswerForm
{
    /// <summary>Sets what comes before a body that is sent while the guest writes it.</summary>
    /// <returns>Bytes to send before those of the guest.</returns>
    public abstract ReadOnlyMemory<byte> Begin(HttpResponse response, HttpAnswer head);

    /// <summary>Writes an answer that is whole.</summary>
    public abstract Task WriteAsync(HttpContext http, InvocationResult result, ReadOnlyMemory<byte> body);
}
