using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace HeliosEdge.Wasm.Binary;

/// <summary>A cursor over a module's bytes: the primitive encodings of core spec 5.2.</summary>
internal ref struct WasmReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _end;

    public WasmReader(ReadOnlySpan<byte> bytes)
        : this(bytes, 0, bytes.Length)
    {
    }

    public WasmReader(ReadOnlySpan<byte> bytes, int start, int end)
    {
        _bytes = bytes;
        _end = end;
        Position = start;
    }

    public int Position { get; private set; }

    public readonly int End => _end;

    public readonly bool AtEnd => Position >= _end;

    public readonly int Remaining => _end - Position;

    public readonly InvalidModuleException Malformed(string message) => new(ModuleFault.Malformed, message, Position);

    public readonly InvalidModuleException Malformed(string message, int offset) => new(ModuleFault.Malformed, message, offset);

    public readonly InvalidModuleException Invalid(string message, int offset) => new(ModuleFault.Invalid, message, offset);

    public readonly InvalidModuleException Unsupported(string feature, int offset) =>
        new(ModuleFault.Unsupported, $"{feature} is not supported", offset);

    public byte Byte()
    {
        if (Position >= _end)
        {
            throw Malformed("unexpected end");
        }

        return _bytes[Position++];
    }

    public readonly byte Peek() => Position < _end ? _bytes[Position] : throw Malformed("unexpected end");

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public uint U32()
    {
        if (Position < _end)
        {
            var first = _bytes[Position];
            if (first < 0x80)
            {
                Position++;
                return first;
            }
        }

        return U32Slow();
    }

    public int I32() => (int)Signed(32);

    public long I64() => Signed(64);

    /// <summary>A block type is a 33-bit signed integer (core spec 5.4.1).</summary>
    public long I33() => Signed(33);

    public int F32Bits() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4));

    public long F64Bits() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(8));

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count < 0 || count > Remaining)
        {
            throw Malformed("unexpected end");
        }

        var span = _bytes.Slice(Position, count);
        Position += count;
        return span;
    }

    public void Skip(int count) => Bytes(count);

    /// <summary>The element count of a vector, refused where the bytes that follow cannot hold that many.</summary>
    public int Count()
    {
        var at = Position;
        var count = U32();
        return count <= (uint)Remaining ? (int)count : throw Malformed("length out of bounds", at);
    }

    /// <summary>As <see cref="Count()"/>, held to a limit of <see cref="ModuleLimits"/>.</summary>
    public int Count(string what, string limitName, int limit)
    {
        var at = Position;
        var count = Count();
        if (count > limit)
        {
            throw new CompileLimitException(limitName, "the module has", count, what, limit, at);
        }

        return count;
    }

    public string Name()
    {
        var at = Position;
        var length = U32();
        if (length > (uint)Remaining)
        {
            throw Malformed("length out of bounds", at);
        }

        var bytes = Bytes((int)length);
        if (!Utf8.IsValid(bytes))
        {
            throw Malformed("malformed UTF-8 encoding", at);
        }

        return Encoding.UTF8.GetString(bytes);
    }

    private uint U32Slow()
    {
        uint result = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = Byte();
            if (shift == 28)
            {
                if ((b & 0x80) != 0)
                {
                    throw Malformed("integer representation too long", Position - 1);
                }

                if ((b & 0x70) != 0)
                {
                    throw Malformed("integer too large", Position - 1);
                }
            }

            result |= (uint)(b & 0x7F) << shift;
            if ((b & 0x80) == 0)
            {
                return result;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private long Signed(int width)
    {
        long result = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = Byte();
            var rest = width - shift;
            if (rest < 7 || (rest == 7 && (b & 0x80) != 0))
            {
                if ((b & 0x80) != 0)
                {
                    throw Malformed("integer representation too long", Position - 1);
                }

                // The bits past the width must all repeat the sign bit.
                var sign = (b >> (rest - 1)) & 1;
                var unused = (b & 0x7F) >> rest;
                if (unused != (sign == 1 ? 0x7F >> rest : 0))
                {
                    throw Malformed("integer too large", Position - 1);
                }
            }

            result |= (long)(b & 0x7F) << shift;
            if ((b & 0x80) == 0)
            {
                var used = shift + 7;
                return used < 64 ? (result << (64 - used)) >> (64 - used) : result;
            }
        }
    }
}
