using System.IO.Pipelines;

namespace HeliosEdge.Sandbox.Abi.Http;

/// <summary>An HTTP request for a guest, and where its answer may go before it is whole.</summary>
/// <param name="Request">The head of the request.</param>
/// <param name="Body">The body, where it is whole.</param>
public sealed record HttpExchange(GuestRequest Request, ReadOnlyMemory<byte> Body)
{
    /// <summary>The body where it is read while it comes, which only ABIs get that <see cref="IGuestAbi.StreamsHttp"/>; null where it is <see cref="Body"/>.</summary>
    public PipeReader? Coming { get; init; }

    /// <summary>Bytes of <see cref="Coming"/>; null where nobody knows.</summary>
    public long? ComingBytes { get; init; }

    /// <summary>Passes the head of the answer on and gives where its body goes while the guest writes it; null where the answer is wanted whole.</summary>
    public Func<GuestResponse, PipeWriter>? Begin { get; init; }
}
