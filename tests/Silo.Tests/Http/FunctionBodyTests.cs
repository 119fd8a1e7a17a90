using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Functions;

namespace HeliosEdge.Silo.Tests.Http;

public sealed class FunctionBodyTests
{
    private static readonly byte[] Whole = Encoding.UTF8.GetBytes(
        """{"module": "aé\u00e9\ud83d\ude00", "abi": "helios-1", "entry": "handle", "regions": ["eu-west", "x"], "limits": {"memoryMiB": 8, "timeoutMs": 100, "maxPayloadBytes": 10, "maxResponseBytes": -20, "fuel": 5000000000}, "env": {"A": "b=c"}, "args": ["-v", ""], "config": {"k": "v"}, "allowedHosts": ["a.example"], "bundles": {"/data": "ff"}}""");

    [Fact]
    public void A_whole_body_is_read()
    {
        var request = FunctionBody.Parse(Whole);

        request.Module.ShouldBe("aéé😀");
        request.Regions.ShouldBe(["eu-west", "x"]);
        var asked = request.Limits.Values;
        (asked["memoryMiB"], asked["timeoutMs"], asked["maxPayloadBytes"], asked["maxResponseBytes"], asked["fuel"])
            .ShouldBe((8, 100, 10, -20, 5_000_000_000));
        asked.Count.ShouldBe(5);
        request.Env!["A"].ShouldBe("b=c");
        request.Args.ShouldBe(["-v", ""]);
        request.Config!["k"].ShouldBe("v");
        request.AllowedHosts.ShouldBe(["a.example"]);
        request.Bundles!["/data"].ShouldBe("ff");
    }

    [Theory]
    [InlineData("{\"\\ud800\": 1}")]
    [InlineData("{\"\\ud800\": 1, \"\\ud800\": 2}")]
    [InlineData("{\"module\": \"\\udc00\"}")]
    public void Half_a_character_is_refused(string body) =>
        Should.Throw<SandboxException>(() => FunctionBody.Parse(Encoding.UTF8.GetBytes(body))).Message.ShouldContain("no valid Unicode");

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused() =>
        Should.Throw<SandboxException>(() => FunctionBody.Parse((byte[])[.. "{\"module\": \""u8, 0xFF, .. "\"}"u8])).Message.ShouldContain("UTF-8");

    [Fact]
    public void Damaged_bodies_are_read_or_refused_as_parameters()
    {
        var damage = Gen.Choose(0, Whole.Length - 1).Two().SelectMany(at => ArbMap.Default.GeneratorFor<byte>().Two().Select(value => (at, value)));
        var damaged = damage.Select(d =>
        {
            var bytes = (byte[])Whole.Clone();
            bytes[d.at.Item1] = d.value.Item1;
            bytes[d.at.Item2] = d.value.Item2;
            return bytes;
        });
        var cut = Gen.Choose(0, Whole.Length).Select(length => Whole[..length]);

        Prop.ForAll(Gen.OneOf(damaged, cut, ArbMap.Default.GeneratorFor<byte[]>()).ToArbitrary(), bytes =>
        {
            try
            {
                FunctionBody.Parse(bytes).ShouldBeOfType<FunctionRequest>().Module.ShouldNotBeNull();
            }
            catch (SandboxException e)
            {
                e.Code.ShouldBe(ErrorCodes.InvalidParameter);
                e.Message.ShouldNotBeEmpty();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }
}
