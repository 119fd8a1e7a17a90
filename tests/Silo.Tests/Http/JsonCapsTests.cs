using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Functions;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Tests.Http;

public sealed class JsonCapsTests
{
    [Fact]
    public void Values_are_counted_wherever_they_are()
    {
        Check(List(JsonCaps.MaxValues - 1));
        var refused = Should.Throw<SandboxException>(() => Check(List(JsonCaps.MaxValues)));

        refused.Code.ShouldBe(ErrorCodes.InvalidParameter);
        (refused.Limit, refused.Value).ShouldBe((JsonCaps.MaxValues, JsonCaps.MaxValues + 1));

        // The list itself is a value, too.
        static string List(int elements) => $"[{string.Join(',', Enumerable.Repeat("{}", elements))}]";
    }

    [Theory]
    [InlineData(JsonCaps.MaxStringBytes, false)]
    [InlineData(JsonCaps.MaxStringBytes + 1, true)]
    public void Strings_are_capped(int length, bool isRefused) => Refuses($"[\"{new string('s', length)}\"]", isRefused, JsonCaps.MaxStringBytes, length);

    [Theory]
    [InlineData(JsonCaps.MaxNameBytes, false)]
    [InlineData(JsonCaps.MaxNameBytes + 1, true)]
    public void Names_are_capped(int length, bool isRefused) => Refuses($$"""{"{{new string('n', length)}}": 1}""", isRefused, JsonCaps.MaxNameBytes, length);

    [Theory]
    [InlineData("module")]
    [InlineData("regions")]
    [InlineData("limits")]
    [InlineData("env")]
    [InlineData("args")]
    public void What_is_too_deep_is_refused_wherever_it_is(string member)
    {
        var deep = $$"""{"{{member}}": {{new string('[', 100_000)}}{{new string(']', 100_000)}}}""";

        Should.Throw<SandboxException>(() => FunctionBody.Parse(Encoding.UTF8.GetBytes(deep))).Message.ShouldContain("depth");
    }

    [Fact]
    public void A_thousand_unknown_members_make_a_short_message()
    {
        var body = $$"""{{{string.Join(',', Enumerable.Range(0, 1_000).Select(i => $"\"unknown-{i}\": 1"))}}}""";

        var message = Should.Throw<SandboxException>(() => FunctionBody.Parse(Encoding.UTF8.GetBytes(body))).Message;

        message.ShouldContain("\"unknown-0\"");
        message.ShouldContain("and 990 more");
        message.Length.ShouldBeLessThan(1_000);
    }

    [Fact]
    public void Any_bytes_pass_or_are_refused_as_a_parameter() => Prop.ForAll(
        Gen.Elements(Encoding.UTF8.GetBytes("{}[]\",:0\\u d8tru")).ArrayOf().ToArbitrary(),
        bytes =>
        {
            try
            {
                JsonMembers.Parse(bytes, ["0"], members => members.OptionalMap("0"));
            }
            catch (SandboxException e)
            {
                e.Code.ShouldBe(ErrorCodes.InvalidParameter);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    private static void Check(string json) => JsonCaps.Check(Encoding.UTF8.GetBytes(json), "The body");

    private static void Refuses(string json, bool isRefused, int limit, int value)
    {
        var refused = isRefused ? Should.Throw<SandboxException>(() => Check(json)) : null;
        if (refused is null)
        {
            Check(json);
            return;
        }

        refused.Code.ShouldBe(ErrorCodes.InvalidParameter);
        (refused.Limit, refused.Value).ShouldBe((limit, value));
    }
}
