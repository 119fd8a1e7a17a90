using System.Text;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Tests.Functions;

public sealed class FunctionSettingsTests
{
    private static readonly FunctionRequest Plain = new(new string('0', 64), null, null, [], RequestedLimits.None);

    [Theory]
    [InlineData("", "v", "env has a name \"\", which is empty or has = in it")]
    [InlineData("A=B", "v", "env has a name \"A=B\", which is empty or has = in it")]
    [InlineData("=", "v", "env has a name \"=\", which is empty or has = in it")]
    [InlineData("A\0B", "v", "env has a name that contains a zero character")]
    [InlineData("A", "v\0", "env.A contains a zero character")]
    public void A_variable_that_no_guest_could_read_is_refused(string name, string value, string said) =>
        Refused(Plain with { Env = Map((name, value)) }).Message.ShouldContain(said);

    [Fact]
    public void Configuration_may_have_any_name_but_none_and_zeros()
    {
        Check(Plain with { Config = Map(("a=b", "c=d")) });

        Refused(Plain with { Config = Map(("", "v")) }).Message.ShouldContain("config has a name \"\"");
        Refused(Plain with { Config = Map(("a\0", "v")) }).Message.ShouldContain("config has a name that contains a zero character");
    }

    [Fact]
    public void Arguments_have_no_zeros() =>
        Refused(Plain with { Args = ["", "fine", "a\0b"] }).Message.ShouldContain("args[2] contains a zero character");

    [Theory]
    [InlineData("env")]
    [InlineData("config")]
    [InlineData("args")]
    [InlineData("allowedHosts")]
    public void Each_has_at_most_a_thousand_entries(string member)
    {
        Check(With(1_000));
        var refused = Refused(With(1_001));

        refused.Message.ShouldBe($"{member} has 1001 entries; the limit is 1000.");
        (refused.Limit, refused.Value).ShouldBe((1_000, 1_001));

        FunctionRequest With(int count)
        {
            var names = Enumerable.Range(0, count).Select(i => $"n{i}").ToArray();
            var map = names.ToDictionary(name => name, _ => "");
            return member switch
            {
                "env" => Plain with { Env = map },
                "config" => Plain with { Config = map },
                "args" => Plain with { Args = names },
                _ => Plain with { AllowedHosts = names },
            };
        }
    }

    [Fact]
    public void Random_settings_are_accepted_exactly_when_every_rule_holds()
    {
        var random = new Random(5);
        var outcomes = new int[2];
        for (var i = 0; i < 5_000; i++)
        {
            var request = Plain with { Env = RandomMap(), Config = RandomMap(), Args = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Text())] };
            var limit = random.Next(1, 60);
            var texts = request.Env!.Concat(request.Config!).SelectMany(pair => new[] { pair.Key, pair.Value }).Concat(request.Args!).ToArray();
            var isGood = texts.All(text => !text.Contains('\0'))
                && request.Env!.Keys.All(name => name.Length > 0 && !name.Contains('='))
                && request.Config!.Keys.All(name => name.Length > 0)
                && texts.Sum(Encoding.UTF8.GetByteCount) <= limit;
            outcomes[isGood ? 1 : 0]++;
            if (isGood)
            {
                FunctionSettings.Check(request, new ResourceLimits { MaxConfigBytes = limit });
            }
            else
            {
                Should.Throw<SandboxException>(() => FunctionSettings.Check(request, new ResourceLimits { MaxConfigBytes = limit }))
                    .Code.ShouldBe(ErrorCodes.InvalidParameter);
            }
        }

        outcomes.ShouldAllBe(count => count > 100);

        Dictionary<string, string> RandomMap()
        {
            var map = new Dictionary<string, string>();
            for (var n = random.Next(3); n > 0; n--)
            {
                map[Text()] = Text();
            }

            return map;
        }

        // Mostly letters, of one to four bytes; now and then what is not allowed somewhere.
        string Text() => string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => random.Next(40) switch
        {
            0 => "=",
            1 => "\0",
            < 10 => "é",
            < 15 => "世",
            < 18 => "😀",
            _ => "a",
        }));
    }

    [Fact]
    public void Bytes_are_those_of_UTF8_and_the_limit_is_still_accepted()
    {
        var request = Plain with { Env = Map(("é", "世")), Args = ["😀"], Config = Map(("k", "v")) };

        FunctionSettings.Check(request, new ResourceLimits { MaxConfigBytes = 11 });
        var refused = Should.Throw<SandboxException>(() => FunctionSettings.Check(request, new ResourceLimits { MaxConfigBytes = 10 }));

        refused.Message.ShouldBe("env, args and config have 11 bytes together; the limit maxConfigBytes is 10 bytes.");
        (refused.Limit, refused.Value).ShouldBe((10, 11));
    }

    private static Dictionary<string, string> Map(params (string Name, string Value)[] pairs) => pairs.ToDictionary(pair => pair.Name, pair => pair.Value);

    private static void Check(FunctionRequest request) => FunctionSettings.Check(request, new ResourceLimits());

    private static SandboxException Refused(FunctionRequest request)
    {
        var refused = Should.Throw<SandboxException>(() => Check(request));
        refused.Code.ShouldBe(ErrorCodes.InvalidParameter);
        return refused;
    }
}
