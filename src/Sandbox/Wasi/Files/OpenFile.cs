namespace HeliosEdge.Sandbox.Wasi.Files;

/// <summary>An open file or stream. Positions belong to descriptors, so what has positions is read and written at offsets.</summary>
internal abstract class OpenFile : IDisposable
{
    /// <summary>What it is.</summary>
    public abstract FileType Type { get; }

    /// <summary>Whether it has positions; if not, offsets are ignored.</summary>
    public abstract bool IsSeekable { get; }

    public abstract FileStatus GetStatus();

    /// <summary>Reads what there is, at least a byte unless at the end.</summary>
    public abstract int Read(Span<byte> buffer, long offset);

    /// <summary>Writes some bytes, at the file's end if <paramref name="append"/>.</summary>
    public abstract int Write(ReadOnlySpan<byte> bytes, long offset, bool append);

    public virtual void SetSize(long size) => throw new WasiException(Errno.Invalid);

    /// <summary>Makes the file at least this long.</summary>
    public virtual void Allocate(long offset, long length) => throw new WasiException(Errno.Invalid);

    /// <summary>Sets the times that are not null, in nanoseconds since 1970.</summary>
    public virtual void SetTimes(ulong? accessed, ulong? modified) => throw new WasiException(Errno.Invalid);

    public virtual void Sync()
    {
    }

    /// <summary>Waits until a read would not block, at most this long; files never block.</summary>
    public virtual bool WaitReadable(TimeSpan atMost) => true;

    public virtual void Dispose()
    {
    }
}
