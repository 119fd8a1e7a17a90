using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>One method's IL as bytes, with labels. The buffer is reused from method to method.</summary>
internal sealed class IlWriter
{
    private readonly List<int> _labels = [];
    private readonly List<(int At, int Base, int Label)> _references = [];
    private byte[] _bytes = new byte[4096];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear()
    {
        Length = 0;
        _labels.Clear();
        _references.Clear();
    }

    /// <summary>Takes back the last instructions; none of them may have a label or a branch.</summary>
    public void Truncate(int length) => Length = length;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Op(ushort opcode)
    {
        Reserve(2);
        if (opcode > 0xFF)
        {
            _bytes[Length++] = (byte)(opcode >> 8);
        }

        _bytes[Length++] = (byte)opcode;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Op(ushort opcode, int token)
    {
        Op(opcode);
        Int32(token);
    }

    public void LdArg(int index) => Indexed(index, 0x02, 4, 0x0E, 0x09);

    public void StArg(int index) => Indexed(index, 0, 0, 0x10, 0x0B);

    public void LdLoc(int index) => Indexed(index, 0x06, 4, 0x11, 0x0C);

    public void StLoc(int index) => Indexed(index, 0x0A, 4, 0x13, 0x0E);

    public void LdLocA(int index) => Indexed(index, 0, 0, 0x12, 0x0D);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void LdcI4(int value)
    {
        Reserve(2);
        switch (value)
        {
            case >= -1 and <= 8:
                _bytes[Length++] = (byte)(0x16 + value);
                break;
            case >= sbyte.MinValue and <= sbyte.MaxValue:
                _bytes[Length++] = 0x1F;
                _bytes[Length++] = (byte)value;
                break;
            default:
                LdcI4Patchable(value);
                break;
        }
    }

    /// <summary>A constant whose four bytes can be written again; returns where they are.</summary>
    public int LdcI4Patchable(int value)
    {
        Reserve(1);
        _bytes[Length++] = 0x20;
        Int32(value);
        return Length - 4;
    }

    public void Patch(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(at), value);

    public void LdcI8(long value)
    {
        if (value is >= int.MinValue and <= int.MaxValue)
        {
            LdcI4((int)value);
            Op(IlOpcode.ConvI8);
            return;
        }

        Reserve(9);
        _bytes[Length++] = 0x21;
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(Length), value);
        Length += 8;
    }

    public void LdcR4(int bits)
    {
        Reserve(1);
        _bytes[Length++] = 0x22;
        Int32(bits);
    }

    public void LdcR8(long bits)
    {
        Reserve(9);
        _bytes[Length++] = 0x23;
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(Length), bits);
        Length += 8;
    }

    public int NewLabel()
    {
        _labels.Add(-1);
        return _labels.Count - 1;
    }

    public void Mark(int label) => _labels[label] = Length;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Branch(ushort opcode, int label)
    {
        Op(opcode);
        Int32(0);
        _references.Add((Length - 4, Length, label));
    }

    public void Switch(ReadOnlySpan<int> labels)
    {
        Op(IlOpcode.Switch);
        Int32(labels.Length);
        var end = Length + (4 * labels.Length);
        foreach (var label in labels)
        {
            Int32(0);
            _references.Add((Length - 4, end, label));
        }
    }

    /// <summary>Fills in the distances of all branches.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ResolveLabels()
    {
        foreach (var (at, from, label) in _references)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(at), _labels[label] - from);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Indexed(int index, int shortForm, int shortForms, int byteForm, int wideForm)
    {
        Reserve(4);
        if (index < shortForms)
        {
            _bytes[Length++] = (byte)(shortForm + index);
        }
        else if (index <= byte.MaxValue)
        {
            _bytes[Length++] = (byte)byteForm;
            _bytes[Length++] = (byte)index;
        }
        else
        {
            _bytes[Length++] = 0xFE;
            _bytes[Length++] = (byte)wideForm;
            BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(Length), (ushort)index);
            Length += 2;
        }
    }

    private void Int32(int value)
    {
        Reserve(4);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(Length), value);
        Length += 4;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int count)
    {
        if (_bytes.Length - Length < count)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }
    }
}
