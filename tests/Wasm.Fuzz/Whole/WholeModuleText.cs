using System.Globalization;
using System.Text;
using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz.Whole;

/// <summary>
/// What came of calling a module's exports one after the other, in words that every engine writes alike; whole.js says the same.
/// The module imports functions that log numbers, as binaryen's modules do.
/// </summary>
internal sealed class WholeModuleText
{
    public const string HangLimit = "hangLimitInitializer";
    public const string Memory = "memory";

    private readonly StringBuilder _text = new();

    public static WasmValue Argument(ValueKind kind, int position) => kind switch
    {
        ValueKind.I32 => WasmValue.FromI32(position + 1),
        ValueKind.I64 => WasmValue.FromI64(-position - 1),
        ValueKind.F32 => WasmValue.FromF32(position + 0.5f),
        ValueKind.F64 => WasmValue.FromF64(-position - 0.5),
        _ => WasmValue.Default(kind),
    };

    public static string Show(WasmValue value) => value.Kind switch
    {
        ValueKind.F32 when float.IsNaN(value.F32) => "nan",
        ValueKind.F64 when double.IsNaN(value.F64) => "nan",
        ValueKind.I32 or ValueKind.F32 => ((uint)value.Bits).ToString(CultureInfo.InvariantCulture),
        ValueKind.I64 or ValueKind.F64 => ((ulong)value.Bits).ToString(CultureInfo.InvariantCulture),
        _ => value.V128.ToString(),
    };

    public void Begin(string export) => _text.Append(export).Append(':');

    public void Value(WasmValue value) => _text.Append(' ').Append(Show(value));

    public void Logged(WasmValue value) => _text.Append(" log ").Append(Show(value));

    /// <summary>V8 has one message for several traps, so they are one here.</summary>
    public void Trap(TrapCode code) => _text.Append(" trap ").Append((int)(code switch
    {
        TrapCode.UndefinedElement => TrapCode.TableOutOfBounds,
        TrapCode.IndirectCallTypeMismatch => TrapCode.UninitializedElement,
        TrapCode.InvalidConversionToInteger => TrapCode.IntegerOverflow,
        _ => code,
    }) + 1);

    public void End() => _text.Append('\n');

    public void MemoryIs(ReadOnlySpan<byte> memory) =>
        _text.Append(CultureInfo.InvariantCulture, $"memory {memory.Length} {GeneratedRecord.Hash(memory)}");

    public override string ToString() => _text.ToString();
}
