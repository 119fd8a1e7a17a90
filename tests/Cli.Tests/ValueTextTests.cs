using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Cli.Guest;
using HeliosEdge.Sandbox.Engines;
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
        ValueText.Parse(text, "i32").ShouldBe(GuestValue.FromI32(expected));

    [Theory]
    [InlineData("18446744073709551615", -1)]
    [InlineData("9223372036854775808", long.MinValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("0xffffffffffffffff", -1)]
    [InlineData("0xDEADBEEF", 0xDEADBEEF)]
    public void AnI64IsReadInBothRanges(string text, long expected) =>
        ValueText.Parse(text, "i64").ShouldBe(GuestValue.FromI64(expected));

    [Theory]
    [InlineData("i32", "")]
    [InlineData("i32", "-")]
    [InlineData("i32", "0x")]
    [InlineData("i32", "0x-1")]
    [InlineData("i32", "1.0")]
    [InlineData("i32", " 1")]
    [InlineData("i32", "1,000")]
    [InlineData("i32", "--1")]
    [InlineData("i32", "4294967296")]
    [InlineData("i32", "-2147483649")]
    [InlineData("i32", "0x100000000")]
    [InlineData("i64", "18446744073709551616")]
    [InlineData("i64", "-9223372036854775809")]
    [InlineData("f32", "")]
    [InlineData("f32", "1e39")]
    [InlineData("f32", "one")]
    [InlineData("f32", "nan:0x0")]
    [InlineData("f32", "nan:0x800000")]
    [InlineData("f64", "1e309")]
    [InlineData("f64", "Infinity")]
    [InlineData("f64", "1 ")]
    [InlineData("f64", "nan:0x")]
    [InlineData("v128", "0x00")]
    [InlineData("v128", "0000000000000000000000000000000000")]
    [InlineData("v128", "0x0000000000000000000000000000000g")]
    [InlineData("externref", "0")]
    [InlineData("funcref", "NULL")]
    public void WhatIsNoValueIsRefusedByNameAndType(string type, string text)
    {
        var message = Should.Throw<FormatException>(() => ValueText.Parse(text, type)).Message;

        message.ShouldContain($"'{text}'");
        message.ShouldContain(type);
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
        unchecked((uint)ValueText.Parse(text, "f32").Bits).ShouldBe(bits);

    [Theory]
    [InlineData("inf", 0x7FF0000000000000)]
    [InlineData("nan", 0x7FF8000000000000)]
    [InlineData("-nan:0x1", 0xFFF0000000000001)]
    [InlineData("0.1", 0x3FB999999999999A)]
    [InlineData("5e-324", 0x0000000000000001)]
    public void AnF64HasExactlyTheseBits(string text, ulong bits) =>
        unchecked((ulong)ValueText.Parse(text, "f64").Bits).ShouldBe(bits);

    [Fact]
    public void AVectorIsWrittenWithLane0Last()
    {
        var value = ValueText.Parse("0x0f0e0d0c0b0a09080706050403020100", "v128");

        value.Bits.ShouldBe(new UInt128(0x0F0E0D0C0B0A0908, 0x0706050403020100));
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
            GuestValue[] values =
            [
                GuestValue.FromI32((int)(low >> 7)),
                GuestValue.FromI64(low),
                GuestValue.FromF32(BitConverter.Int32BitsToSingle(f32)),
                GuestValue.FromF64(BitConverter.Int64BitsToDouble(f64)),
                GuestValue.FromV128(new UInt128((ulong)(~low * 31), (ulong)low)),
            ];
            foreach (var value in values)
            {
                var text = ValueText.Format(value);
                ValueText.Parse(text, value.Type).ShouldBe(value, text);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void AnyTextIsAValueOrAFormatException()
    {
        Prop.ForAll<string>(text =>
        {
            foreach (var type in new[] { "i32", "i64", "f32", "f64", "v128", "funcref", "externref", "of the future" })
            {
                try
                {
                    ValueText.Parse(text ?? "", type).Type.ShouldBe(type);
                }
                catch (FormatException e)
                {
                    e.Message.ShouldContain(type);
                }
            }
        }).QuickCheckThrowOnFailure();
    }
}
