using System.Runtime.Intrinsics;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Cli.Guest;
using HeliosEdge.Wasm;
using Shouldly;
using Xunit;

namespace HeliosEdge.Cli.Tests;

public sealed class ValueTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("+7", 7)]
    [InlineData("2147483647", int.MaxValue)]
    [InlineData("2147483648", int.MinValue)]
    [InlineData("-2147483648", int.MinValue)]
    [InlineData("4294967295", -1)]
    [InlineData("0xffffffff", -1)]
    [InlineData("0X0000000000000010", 16)]
    [InlineData("-0x80000000", int.MinValue)]
    public void AnI32IsReadInBothRanges(string text, int expected) =>
        ValueText.Parse(text, ValueKind.I32).ShouldBe(WasmValue.FromI32(expected));

    [Theory]
    [InlineData("18446744073709551615", -1)]
    [InlineData("9223372036854775808", long.MinValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("0xffffffffffffffff", -1)]
    [InlineData("0xDEADBEEF", 0xDEADBEEF)]
    public void AnI64IsReadInBothRanges(string text, long expected) =>
        ValueText.Parse(text, ValueKind.I64).ShouldBe(WasmValue.FromI64(expected));

    [Theory]
    [InlineData(ValueKind.I32, "")]
    [InlineData(ValueKind.I32, "-")]
    [InlineData(ValueKind.I32, "0x")]
    [InlineData(ValueKind.I32, "0x-1")]
    [InlineData(ValueKind.I32, "1.0")]
    [InlineData(ValueKind.I32, " 1")]
    [InlineData(ValueKind.I32, "1,000")]
    [InlineData(ValueKind.I32, "--1")]
    [InlineData(ValueKind.I32, "4294967296")]
    [InlineData(ValueKind.I32, "-2147483649")]
    [InlineData(ValueKind.I32, "0x100000000")]
    [InlineData(ValueKind.I64, "18446744073709551616")]
    [InlineData(ValueKind.I64, "-9223372036854775809")]
    [InlineData(ValueKind.F32, "")]
    [InlineData(ValueKind.F32, "1e39")]
    [InlineData(ValueKind.F32, "one")]
    [InlineData(ValueKind.F32, "nan:0x0")]
    [InlineData(ValueKind.F32, "nan:0x800000")]
    [InlineData(ValueKind.F64, "1e309")]
    [InlineData(ValueKind.F64, "Infinity")]
    [InlineData(ValueKind.F64, "1 ")]
    [InlineData(ValueKind.F64, "nan:0x")]
    [InlineData(ValueKind.V128, "0x00")]
    [InlineData(ValueKind.V128, "0000000000000000000000000000000000")]
    [InlineData(ValueKind.V128, "0x0000000000000000000000000000000g")]
    [InlineData(ValueKind.ExternRef, "0")]
    [InlineData(ValueKind.FuncRef, "NULL")]
    public void WhatIsNoValueIsRefusedByNameAndType(ValueKind kind, string text)
    {
        var message = Should.Throw<FormatException>(() => ValueText.Parse(text, kind)).Message;

        message.ShouldContain($"'{text}'");
        message.ShouldContain(ValueText.Name(kind));
    }

    [Theory]
    [InlineData("inf", 0x7F800000)]
    [InlineData("-inf", 0xFF800000)]
    [InlineData("+INF", 0x7F800000)]
    [InlineData("nan", 0x7FC00000)]
    [InlineData("-nan", 0xFFC00000)]
    [InlineData("NaN", 0x7FC00000)]
    [InlineData("nan:0x1", 0x7F800001)]
    [InlineData("-nan:0x7fffff", 0xFFFFFFFF)]
    [InlineData("-0", 0x80000000)]
    [InlineData("0.1", 0x3DCCCCCD)]
    [InlineData("1e-45", 0x00000001)]
    [InlineData("16777217", 0x4B800000)]
    public void AnF32HasExactlyTheseBits(string text, uint bits) =>
        unchecked((uint)ValueText.Parse(text, ValueKind.F32).Bits).ShouldBe(bits);

    [Theory]
    [InlineData("inf", 0x7FF0000000000000)]
    [InlineData("nan", 0x7FF8000000000000)]
    [InlineData("-nan:0x1", 0xFFF0000000000001)]
    [InlineData("0.1", 0x3FB999999999999A)]
    [InlineData("5e-324", 0x0000000000000001)]
    public void AnF64HasExactlyTheseBits(string text, ulong bits) =>
        unchecked((ulong)ValueText.Parse(text, ValueKind.F64).Bits).ShouldBe(bits);

    [Fact]
    public void AVectorIsWrittenWithLane0Last()
    {
        var value = ValueText.Parse("0x0f0e0d0c0b0a09080706050403020100", ValueKind.V128);

        value.V128.ShouldBe(Vector128.Create((byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    }

    [Fact]
    public void EveryValueIsReadBackAsTheSameBits()
    {
        Prop.ForAll<long>(seed =>
        {
            var random = new Random(unchecked((int)seed));
            var low = random.NextInt64(long.MinValue, long.MaxValue);

            // Half of the floats get an exponent of ones: infinities and NaNs of every payload.
            var f32 = unchecked((int)(random.Next(2) == 0 ? low : low | 0x7F800000));
            var f64 = random.Next(2) == 0 ? low : low | 0x7FF0000000000000;
            WasmValue[] values =
            [
                WasmValue.FromI32((int)(low >> 7)),
                WasmValue.FromI64(low),
                WasmValue.FromF32(BitConverter.Int32BitsToSingle(f32)),
                WasmValue.FromF64(BitConverter.Int64BitsToDouble(f64)),
                WasmValue.FromV128(Vector128.Create(low, ~low * 31).AsByte()),
            ];
            foreach (var value in values)
            {
                var text = ValueText.Format(value);
                ValueText.Parse(text, value.Kind).ShouldBe(value, text);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void AnyTextIsAValueOrAFormatException()
    {
        Prop.ForAll<string>(text =>
        {
            foreach (var kind in Enum.GetValues<ValueKind>())
            {
                try
                {
                    ValueText.Parse(text ?? "", kind).Kind.ShouldBe(kind);
                }
                catch (FormatException e)
                {
                    e.Message.ShouldContain(ValueText.Name(kind));
                }
            }
        }).QuickCheckThrowOnFailure();
    }
}
