using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Tests.Modules;

public sealed class ModuleHashTests
{
    private const string OfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    [Fact]
    public void The_hash_is_SHA256_in_lower_case_hexadecimal() => ModuleHash.Of("abc"u8).ShouldBe(OfAbc);

    [Fact]
    public void Only_64_lower_case_digits_are_a_hash()
    {
        ModuleHash.IsWellFormed(OfAbc).ShouldBeTrue();
        ModuleHash.IsWellFormed(OfAbc.ToUpperInvariant()).ShouldBeFalse();
        ModuleHash.IsWellFormed(OfAbc[1..]).ShouldBeFalse();
        ModuleHash.IsWellFormed(OfAbc[1..] + "g").ShouldBeFalse();
        ModuleHash.IsWellFormed("").ShouldBeFalse();
        Should.Throw<SandboxException>(() => ModuleHash.Require("module", "x")).Code.ShouldBe(ErrorCodes.InvalidParameter);
    }

    [Fact]
    public void A_stated_hash_must_be_the_computed_one()
    {
        ModuleHash.RequireStated(OfAbc, OfAbc);

        var refused = Should.Throw<SandboxException>(() => ModuleHash.RequireStated("0" + OfAbc[1..], OfAbc));
        refused.Code.ShouldBe(ErrorCodes.UntrustedModule);
        refused.Message.ShouldContain(OfAbc);
    }
}
