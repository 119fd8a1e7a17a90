using System.Buffers.Binary;
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox.HostServices.Http;

namespace HeliosEdge.Sandbox.Tests.Http;

public sealed class AddressRulesTests
{
    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("169.253.255.255")]
    [InlineData("169.255.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.0.1.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001:80b::200e")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("64:ff9b::1.1.1.1")]
    public void Public_addresses_are_reached(string address) => AddressRules.Of(IPAddress.Parse(address)).ShouldBe(AddressReach.Public);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("10.0.0.0")]
    [InlineData("10.255.255.255")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.255")]
    [InlineData("::1")]
    [InlineData("fc00::1")]
    [InlineData("fdff:ffff::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.1.2.3")]
    [InlineData("64:ff9b::127.0.0.1")]
    public void Private_addresses_are_for_the_operator_to_allow(string address) =>
        AddressRules.Of(IPAddress.Parse(address)).ShouldBe(AddressReach.Private);

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.1")]
    [InlineData("168.63.129.16")]
    [InlineData("100.100.100.200")]
    [InlineData("192.0.0.192")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.255")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::7f00:1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::ffff:0:127.0.0.1")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("64:ff9b:1::10.0.0.1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2002:808:808::")]
    [InlineData("3fff::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fd20:ce::254")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("febf::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("5f00::1")]
    public void Other_addresses_are_never_reached(string address) => AddressRules.Of(IPAddress.Parse(address)).ShouldBe(AddressReach.Never);

    [Fact]
    public void However_an_address_of_version_4_is_written_it_is_judged_alike() =>
        Prop.ForAll<uint>(number =>
        {
            var expected = Expected(number);

            AddressRules.Of(Version4(number)).ShouldBe(expected, Version4(number).ToString());
            AddressRules.Of(Version6(0, 0x0000_FFFF_0000_0000UL | number)).ShouldBe(expected);
            AddressRules.Of(Version6(0x0064_FF9B_0000_0000, number)).ShouldBe(expected);
            AddressRules.Of(Version6(0x2002_0000_0000_0000 | ((ulong)number << 16), 1)).ShouldBe(AddressReach.Never);
            AddressRules.Of(Version6(0, 0x1_0000_0000UL | number)).ShouldBe(AddressReach.Never);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void What_is_outside_the_global_addresses_of_version_6_is_not_public() =>
        Prop.ForAll<ulong, ulong>((high, low) =>
        {
            var reach = AddressRules.Of(Version6(high, low));
            var isGlobal = high >> 61 == 1;
            var isEmbedding = (high == 0 && low >> 32 == 0xFFFF) || (high == 0x0064_FF9B_0000_0000 && low >> 32 == 0);

            (reach == AddressReach.Public && !isGlobal && !isEmbedding).ShouldBeFalse();
            (reach == AddressReach.Private && high >> 57 != 0x7E && !isEmbedding && (high, low) != (0, 1)).ShouldBeFalse();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    /// <summary>The rules once more, in another form.</summary>
    private static AddressReach Expected(uint number)
    {
        var (a, b, c) = (number >> 24, (number >> 16) & 0xFF, (number >> 8) & 0xFF);
        return number is 0xA83F_8110 or 0x6464_64C8 ? AddressReach.Never
            : a is 0 or >= 224 ? AddressReach.Never
            : (a, b) is (169, 254) or (198, 18 or 19) ? AddressReach.Never
            : (a, b, c) is (192, 0, 0 or 2) or (192, 88, 99) or (198, 51, 100) or (203, 0, 113) ? AddressReach.Never
            : a is 10 or 127 || (a, b) is (192, 168) or (172, >= 16 and <= 31) or (100, >= 64 and <= 127) ? AddressReach.Private
            : AddressReach.Public;
    }

    private static IPAddress Version4(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }

    private static IPAddress Version6(ulong high, ulong low)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], low);
        return new IPAddress(bytes);
    }
}
