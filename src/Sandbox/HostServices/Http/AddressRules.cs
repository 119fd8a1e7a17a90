using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>
/// Which addresses are public, after IANA's registries of special-purpose addresses (RFC 6890) and of IPv6 global unicast
/// addresses. What is not known to be public is not.
/// </summary>
internal static class AddressRules
{
    // The first that fits decides. Addresses of version 4 are compared in their form in version 6, ::ffff:0:0/96.
    private static readonly ImmutableArray<(UInt128 Network, UInt128 Mask, AddressReach Reach)> Rules =
    [
        Rule("168.63.129.16/32", AddressReach.Never), // Azure's own services, from within a virtual machine
        Rule("100.100.100.200/32", AddressReach.Never), // metadata of Alibaba Cloud
        Rule("0.0.0.0/8", AddressReach.Never),
        Rule("10.0.0.0/8", AddressReach.Private),
        Rule("100.64.0.0/10", AddressReach.Private), // shared by carriers (RFC 6598)
        Rule("127.0.0.0/8", AddressReach.Private),
        Rule("169.254.0.0/16", AddressReach.Never), // link-local, and metadata of most clouds
        Rule("172.16.0.0/12", AddressReach.Private),
        Rule("192.0.0.0/24", AddressReach.Never), // protocol assignments; metadata of Oracle Cloud
        Rule("192.0.2.0/24", AddressReach.Never), // documentation
        Rule("192.88.99.0/24", AddressReach.Never), // 6to4 relays
        Rule("192.168.0.0/16", AddressReach.Private),
        Rule("198.18.0.0/15", AddressReach.Never), // benchmarks
        Rule("198.51.100.0/24", AddressReach.Never), // documentation
        Rule("203.0.113.0/24", AddressReach.Never), // documentation
        Rule("224.0.0.0/4", AddressReach.Never), // multicast
        Rule("240.0.0.0/4", AddressReach.Never), // reserved, and broadcast
        Rule("0.0.0.0/0", AddressReach.Public),
        Rule("::1/128", AddressReach.Private),
        Rule("fd00:ec2::254/128", AddressReach.Never), // metadata of AWS
        Rule("fd20:ce::254/128", AddressReach.Never), // metadata of Google Cloud
        Rule("fc00::/7", AddressReach.Private), // unique local (RFC 4193)
        Rule("2001::/23", AddressReach.Never), // protocol assignments, Teredo among them
        Rule("2001:db8::/32", AddressReach.Never), // documentation
        Rule("2002::/16", AddressReach.Never), // 6to4
        Rule("3fff::/20", AddressReach.Never), // documentation
        Rule("2000::/3", AddressReach.Public),
    ];

    // NAT64 (RFC 6052): what is reached in the end is the address of version 4 in the last 32 bits.
    private static readonly UInt128 Nat64 = NumberOf(IPAddress.Parse("64:ff9b::"));
    private static readonly UInt128 Mapped = NumberOf(IPAddress.Parse("::ffff:0:0"));

    /// <summary>Whether an address may be reached.</summary>
    public static AddressReach Of(IPAddress address)
    {
        var number = NumberOf(address);
        if (number >> 32 == Nat64 >> 32)
        {
            number = Mapped | (uint)number;
        }

        foreach (var (network, mask, reach) in Rules)
        {
            if ((number & mask) == network)
            {
                return reach;
            }
        }

        return AddressReach.Never;
    }

    private static (UInt128 Network, UInt128 Mask, AddressReach Reach) Rule(string network, AddressReach reach)
    {
        var slash = network.IndexOf('/', StringComparison.Ordinal);
        var address = IPAddress.Parse(network.AsSpan(0, slash));
        var bits = int.Parse(network.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        var width = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        return (NumberOf(address), UInt128.MaxValue << (width - bits), reach);
    }

    /// <summary>The address without its scope, which says by what way and not where to.</summary>
    private static UInt128 NumberOf(IPAddress address) => BinaryPrimitives.ReadUInt128BigEndian(address.MapToIPv6().GetAddressBytes());
}
