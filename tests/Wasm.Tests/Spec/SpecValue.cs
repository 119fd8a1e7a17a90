using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;

namespace HeliosEdge.Wasm.Tests.Spec;

/// <summary>
/// A value as the suite writes it: an argument, or what a result has to match. Each lane is a bit pattern, or one of
/// the two classes of NaN.
/// </summary>
internal sealed class SpecValue
{
    private const string NanCanonical = "nan:canonical";
    private const string NanArithmetic = "nan:arithmetic";

    private readonly string _laneType;
    private readonly string[] _lanes;

    private SpecValue(ValueKind kind, string laneType, string[] lanes)
    {
        Kind = kind;
        _laneType = laneType;
        _lanes = lanes;
    }

    public ValueKind Kind { get; }

    public static SpecValue Read(JsonElement element)
    {
        var type = element.GetProperty("type").GetString()!;
        var value = element.GetProperty("value");
        return type switch
        {
            "i32" => new(ValueKind.I32, type, [value.GetString()!]),
            "i64" => new(ValueKind.I64, type, [value.GetString()!]),
            "f32" => new(ValueKind.F32, type, [value.GetString()!]),
            "f64" => new(ValueKind.F64, type, [value.GetString()!]),
            "funcref" => new(ValueKind.FuncRef, type, [value.GetString()!]),
            "externref" => new(ValueKind.ExternRef, type, [value.GetString()!]),
            "v128" => new(
                ValueKind.V128,
                element.GetProperty("lane_type").GetString()!,
                [.. value.EnumerateArray().Select(lane => lane.GetString()!)]),
            _ => throw new NotSupportedException($"the suite uses a value of type '{type}'"),
        };
    }

    /// <summary>The value as an argument.</summary>
    public WasmValue ToArgument() => Kind switch
    {
        ValueKind.I32 => WasmValue.FromI32((int)Lane(0)),
        ValueKind.I64 => WasmValue.FromI64((long)Lane(0)),
        ValueKind.F32 => WasmValue.FromF32(BitConverter.Int32BitsToSingle((int)Lane(0))),
        ValueKind.F64 => WasmValue.FromF64(BitConverter.Int64BitsToDouble((long)Lane(0))),
        ValueKind.V128 => WasmValue.FromV128(ToVector()),
        ValueKind.ExternRef => WasmValue.FromExternRef(_lanes[0] == "null" ? null : HostReference()),
        ValueKind.FuncRef when _lanes[0] == "null" => WasmValue.FromFuncRef(null),
        _ => throw new NotSupportedException($"the suite passes {this} as an argument"),
    };

    public bool Matches(WasmValue actual)
    {
        if (actual.Kind != Kind)
        {
            return false;
        }

        switch (Kind)
        {
            case ValueKind.ExternRef:
                return _lanes[0] == "null" ? actual.ExternRef is null : HostReference().Equals(actual.ExternRef);
            case ValueKind.FuncRef:
                return _lanes[0] == "null"
                    ? actual.FuncRef is null
                    : throw new NotSupportedException($"the suite expects {this} as a result");
            case ValueKind.V128:
                Span<byte> bytes = stackalloc byte[16];
                actual.V128.CopyTo(bytes);
                return MatchesLanes(bytes);
            default:
                var bits = actual.Bits;
                return MatchesLanes(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(ref bits)));
        }
    }

    public override string ToString() => $"{_laneType}:{string.Join(' ', _lanes)}";

    private bool MatchesLanes(ReadOnlySpan<byte> bytes)
    {
        var width = Width;
        for (var i = 0; i < _lanes.Length; i++)
        {
            var lane = bytes.Slice(i * width, width);
            var matches = (_lanes[i], width) switch
            {
                (NanCanonical, 4) => (MemoryMarshal.Read<uint>(lane) & 0x7FFF_FFFF) == 0x7FC0_0000,
                (NanCanonical, 8) => (MemoryMarshal.Read<ulong>(lane) & 0x7FFF_FFFF_FFFF_FFFF) == 0x7FF8_0000_0000_0000,
                (NanArithmetic, 4) => (MemoryMarshal.Read<uint>(lane) & 0x7FC0_0000) == 0x7FC0_0000,
                (NanArithmetic, 8) => (MemoryMarshal.Read<ulong>(lane) & 0x7FF8_0000_0000_0000) == 0x7FF8_0000_0000_0000,
                (_, 1) => lane[0] == (byte)Lane(i),
                (_, 2) => MemoryMarshal.Read<ushort>(lane) == (ushort)Lane(i),
                (_, 4) => MemoryMarshal.Read<uint>(lane) == (uint)Lane(i),
                _ => MemoryMarshal.Read<ulong>(lane) == Lane(i),
            };
            if (!matches)
            {
                return false;
            }
        }

        return true;
    }

    private int Width => _laneType switch
    {
        "i8" => 1,
        "i16" => 2,
        "i32" or "f32" => 4,
        "i64" or "f64" => 8,
        _ => throw new NotSupportedException($"the suite uses lanes of type '{_laneType}'"),
    };

    private Vector128<byte> ToVector()
    {
        Span<byte> bytes = stackalloc byte[16];
        var width = Width;
        for (var i = 0; i < _lanes.Length; i++)
        {
            var lane = Lane(i);
            MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(ref lane))[..width].CopyTo(bytes[(i * width)..]);
        }

        return Vector128.Create<byte>(bytes);
    }

    private object HostReference() => int.Parse(_lanes[0], CultureInfo.InvariantCulture);

    private ulong Lane(int index) =>
        _lanes[index].StartsWith('-')
            ? (ulong)long.Parse(_lanes[index], CultureInfo.InvariantCulture)
            : ulong.Parse(_lanes[index], CultureInfo.InvariantCulture);
}
