using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace HeliosEdge.Sandbox.Tests.Engines.Wasmtime.Suite;

/// <summary>A value as the suite writes it: an argument, or what a result has to match.</summary>
internal sealed class SuiteValue
{
    private readonly string? _value;
    private readonly string _laneType;
    private readonly string[] _lanes;
    private readonly SuiteValue[] _either;

    private SuiteValue(string type, string? value, string laneType, string[] lanes, SuiteValue[] either)
    {
        Type = type;
        _value = value;
        _laneType = laneType;
        _lanes = lanes;
        _either = either;
    }

    public string Type { get; }

    /// <summary>The number of the host's object that a reference means, or null.</summary>
    public nint? Host => int.TryParse(_value, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static SuiteValue Read(JsonElement element)
    {
        var type = element.GetProperty("type").GetString()!;
        if (type == "either")
        {
            return new(type, null, type, [], [.. element.GetProperty("values").EnumerateArray().Select(Read)]);
        }

        if (type == "v128")
        {
            var lanes = element.GetProperty("value").EnumerateArray().Select(lane => lane.GetString()!);
            return new(type, null, element.GetProperty("lane_type").GetString()!, [.. lanes], []);
        }

        var value = element.TryGetProperty("value", out var stated) ? stated.GetString() : null;
        return new(type, value, type, value is null ? [] : [value], []);
    }

    /// <summary>A number's or vector's bits.</summary>
    public UInt128 ToBits()
    {
        UInt128 bits = 0;
        for (var i = 0; i < _lanes.Length; i++)
        {
            bits |= (UInt128)(Lane(i) & (Width == 8 ? ulong.MaxValue : (1UL << (8 * Width)) - 1)) << (8 * Width * i);
        }

        return bits;
    }

    public bool Matches(SuiteStore store, in SuiteStore.Value actual)
    {
        switch (Type)
        {
            case "either":
                foreach (var alternative in _either)
                {
                    if (alternative.Matches(store, actual))
                    {
                        return true;
                    }
                }

                return false;
            case "i32" or "i64" or "f32" or "f64" or "v128":
                return actual.Type == Type && MatchesLanes(actual.Bits);
            case "refnull" or "nullref" or "nullfuncref" or "nullexternref" or "nullexnref":
                return actual.IsNull;
        }

        if (_value == "null")
        {
            return actual.IsNull;
        }

        if (actual.IsNull)
        {
            return false;
        }

        return Host is { } host ? store.HostOf(actual) == host : store.IsA(actual, Type);
    }

    public override string ToString() => $"{Type}:{_value ?? string.Join(' ', _lanes)}{string.Join(" or ", (object[])_either)}";

    private bool MatchesLanes(UInt128 bits)
    {
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in bits));
        for (var i = 0; i < _lanes.Length; i++)
        {
            var lane = bytes.Slice(i * Width, Width);
            var matches = (_lanes[i], Width) switch
            {
                ("nan:canonical", 4) => (MemoryMarshal.Read<uint>(lane) & 0x7FFF_FFFF) == 0x7FC0_0000,
                ("nan:canonical", 8) => (MemoryMarshal.Read<ulong>(lane) & 0x7FFF_FFFF_FFFF_FFFF) == 0x7FF8_0000_0000_0000,
                ("nan:arithmetic", 4) => (MemoryMarshal.Read<uint>(lane) & 0x7FC0_0000) == 0x7FC0_0000,
                ("nan:arithmetic", 8) => (MemoryMarshal.Read<ulong>(lane) & 0x7FF8_0000_0000_0000) == 0x7FF8_0000_0000_0000,
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
        _ => 8,
    };

    private ulong Lane(int index) =>
        _lanes[index].StartsWith('-')
            ? (ulong)long.Parse(_lanes[index], CultureInfo.InvariantCulture)
            : ulong.Parse(_lanes[index], CultureInfo.InvariantCulture);
}
