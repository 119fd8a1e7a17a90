using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox.Abi.Http;

namespace HeliosEdge.Sandbox.Tests.Abi;

/// <summary>What the tests of HTTP have in common.</summary>
internal static class HttpHeads
{
    /// <summary>Headers that a response may have.</summary>
    public static Gen<GuestHeader> Fields() =>
        from name in Gen.Elements("a", "X-Content-Type", "set-cookie", "X-Y_z", "!#$%&'*+-.^_`|~")
        from value in Gen.Choose(' ', '~').Select(character => (char)character).ArrayOf()
        select new GuestHeader(name, new string(value).Trim());

    /// <summary>Reads what may be no response: the only error is that it is none, and what is read can be sent on.</summary>
    public static void ParseSafely(Func<(GuestResponse Head, ReadOnlyMemory<byte> Body)> parse)
    {
        GuestResponse head;
        try
        {
            (head, _) = parse();
        }
        catch (SandboxException e)
        {
            e.Code.ShouldBe(ErrorCodes.InvalidHttpResponse);
            return;
        }

        head.Status.ShouldBeInRange(200, 599);
        foreach (var (name, value) in head.Headers)
        {
            name.ShouldNotBeEmpty();
            name.ShouldAllBe(character => character > ' ' && character < 127 && !"\"(),/:;<=>?@[\\]{}".Contains(character));
            value.ShouldAllBe(character => character == '\t' || (character >= ' ' && character < 127));
        }
    }
}
