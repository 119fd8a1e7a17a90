using System.Buffers;
using System.IO.Pipelines;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Abi.Http;

namespace HeliosEdge.Grains.Http;

/// <summary>The body of a request that is read while it comes: one feeds it, one reads it.</summary>
/// <param name="length">Its bytes, where the sender stated them.</param>
public sealed class StreamedRequest(long? length)
{
    /// <summary>Bytes up to which a body of a stated length is to be read before anything begins, so that no instance waits for its sender.</summary>
    public const int SmallBytes = 1 << 20;

    private const int ReadBytes = 16 << 10;

    // No threshold, but the limit of the whole: who sends all before he reads anything would else wait for a guest that waits for him.
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));

    /// <summary>Its bytes, where the sender stated them.</summary>
    public long? Length => length;

    /// <summary>What has come and has not been read. Ends with the exception of <see cref="FeedAsync"/>, if that has one.</summary>
    public PipeReader Body => _pipe.Reader;

    /// <summary>Takes a body in as fast as it comes, until it ends or nobody reads it any more.</summary>
    /// <param name="body">The body.</param>
    /// <param name="maxBytes">Bytes that it may have.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PayloadTooLarge"/>.</exception>
    public async Task FeedAsync(Stream body, int maxBytes, CancellationToken cancellation)
    {
        var writer = _pipe.Writer;
        try
        {
            for (long length = 0; await body.ReadAsync(writer.GetMemory(ReadBytes), cancellation).ConfigureAwait(false) is var count and > 0;)
            {
                length += count;
                BodyLimit.Require(length, maxBytes);
                writer.Advance(count);
                if ((await writer.FlushAsync(cancellation).ConfigureAwait(false)).IsCompleted)
                {
                    return;
                }
            }

            await writer.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Whoever reads must not take what has come for all of it.
            await writer.CompleteAsync(e).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits for all of it.</summary>
    /// <param name="maxBytes">Bytes that it may have.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PayloadTooLarge"/>.</exception>
    public async Task<ReadOnlyMemory<byte>> WholeAsync(int maxBytes, CancellationToken cancellation)
    {
        var whole = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = await Body.ReadAsync(cancellation).ConfigureAwait(false);
            BodyLimit.Require(whole.WrittenCount + read.Buffer.Length, maxBytes);
            foreach (var segment in read.Buffer)
            {
                whole.Write(segment.Span);
            }

            Body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return whole.WrittenMemory;
            }
        }
    }
}
