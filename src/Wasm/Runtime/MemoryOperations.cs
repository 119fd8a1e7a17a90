namespace HeliosEdge.Wasm.Runtime;

/// <summary>
/// The bulk memory instructions (core spec 4.4.7); operands first, then immediates, then the context. Long runs are done in pieces with a look at the interruption between, so
/// that no single instruction holds a deadline up.
/// </summary>
internal static unsafe class MemoryOperations // SAFETY: every range is checked against the memory's size before its first byte is touched.
{
    private const ulong Piece = 1 << 20;

    public static int Size(InstanceContext context) => (int)context.Instance.Memory!.Pages;

    public static int Grow(int delta, InstanceContext context) =>
        context.Instance.Memory!.TryGrow((uint)delta, out var old) ? (int)old : -1;

    public static void Fill(uint at, int value, uint count, InstanceContext context)
    {
        Check(context, at, count);
        var target = context.Memory + at;
        for (ulong done = 0; done < count; done += Piece)
        {
            new Span<byte>(target + done, (int)Math.Min(Piece, count - done)).Fill((byte)value);
            Poll(context);
        }
    }

    public static void Copy(uint to, uint from, uint count, InstanceContext context)
    {
        Check(context, to, count);
        Check(context, from, count);
        var memory = context.Memory;
        if (to <= from)
        {
            for (ulong done = 0; done < count; done += Piece)
            {
                var length = Math.Min(Piece, count - done);
                Buffer.MemoryCopy(memory + from + done, memory + to + done, length, length);
                Poll(context);
            }

            return;
        }

        // Towards higher addresses the last piece goes first, so that an overlapping source is read before it is written.
        for (ulong left = count; left > 0;)
        {
            var length = Math.Min(Piece, left);
            left -= length;
            Buffer.MemoryCopy(memory + from + left, memory + to + left, length, length);
            Poll(context);
        }
    }

    public static void Init(uint to, uint from, uint count, int segment, InstanceContext context)
    {
        var definition = context.Instance.Module.Definition;
        var (start, available) = context.Instance.DroppedData[segment] ? (0, 0) : (definition.DataSegments[segment].Start, definition.DataSegments[segment].Length);
        if ((ulong)from + count > (ulong)available)
        {
            GuestTrap.MemoryOutOfBounds();
        }

        Check(context, to, count);
        definition.Data.AsSpan(start + (int)from, (int)count).CopyTo(new Span<byte>(context.Memory + to, (int)count));
    }

    public static void Drop(int segment, InstanceContext context) => context.Instance.DroppedData[segment] = true;

    private static void Check(InstanceContext context, uint at, uint count)
    {
        if ((ulong)at + count > *(ulong*)(context.Memory - LinearMemory.SizeDistance))
        {
            GuestTrap.MemoryOutOfBounds();
        }
    }

    private static void Poll(InstanceContext context)
    {
        if (Volatile.Read(ref context.Interrupted) != 0)
        {
            GuestTrap.Interrupted();
        }
    }
}
