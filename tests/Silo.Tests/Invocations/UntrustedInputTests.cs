using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Grains.FanOuts;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Invocations;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.Silo.Tests.Invocations;

/// <summary>Whatever callers write is either understood or refused with a reason.</summary>
public sealed class UntrustedInputTests(OneSilo shared) : IClassFixture<OneSilo>
{
    private static readonly string[] Refusals =
        [ErrorCodes.InvalidParameter, ErrorCodes.RegionNotFound, ErrorCodes.FunctionNotFound, ErrorCodes.PayloadTooLarge];

    private static readonly Gen<string> Texts = Gen.OneOf(
        ArbMap.Default.GeneratorFor<string>().Select(text => text ?? ""),
        Gen.Elements("", "0", "1", "-1", "100", "1001", "9223372036854775808", "1e3", " 5", "٣", "dead", "Dead", "queued", "0,1", "\0", "%00", "\ud800", "*"),
        ArbMap.Default.GeneratorFor<Guid>().Select(id => id.ToString("N")));

    private readonly TestSilo _silo = shared.Silo;

    [Fact]
    public async Task A_body_of_a_fan_out_is_a_plan_or_a_refusal()
    {
        await _silo.DeployAsync("echo", "echo");
        var planner = _silo.Services.GetRequiredService<FanOutPlanner>();
        var values = Gen.OneOf(
            Gen.Elements(
                "null", "true", "0", "-1", "1", "2", "4", "1.5", "1e400", "99999999999999999999", "[]", "{}", "\"\"", "[\"*\"]", "[\"eu-west\"]",
                "[\"eu-west\", \"us-east\"]", "[\"eu-west\", \"eu-west\"]", "[\"*\", \"eu-west\"]", "[\"mars-1\"]", "[null]", "[[\"*\"]]",
                "\"all\"", "\"first\"", "\"quorum\"", "\"FIRST\"", "\"aGk=\"", "\"?\"", "\"\\ud800\"", "\"\\u0000\""),
            Texts.Select(text => System.Text.Json.JsonSerializer.Serialize(text)));
        var members = Gen.Elements("regions", "mode", "quorum", "payload", "payloadBase64", "region", "").Zip(values, (name, value) => $"\"{name}\": {value}");
        var bodies = members.ListOf().Select(list => Encoding.UTF8.GetBytes($"{{{string.Join(',', list.Take(6))}}}"));
        var valid = """{"regions": ["eu-west", "us-east"], "mode": "quorum", "quorum": 1, "payloadBase64": "aGk="}"""u8.ToArray();
        var mutated = Gen.Choose(0, valid.Length - 1).Zip(Gen.Choose(0, 255)).ListOf().Select(changes =>
        {
            var body = valid.ToArray();
            foreach (var (at, value) in changes.Take(4))
            {
                body[at] = (byte)value;
            }

            return body;
        });
        var plans = 0;

        Prop.ForAll(Gen.OneOf(bodies, mutated, ArbMap.Default.GeneratorFor<byte[]>().Select(bytes => bytes ?? [])).ToArbitrary(), body =>
        {
            try
            {
                var (plan, payload) = FanOutBody.Parse("echo", body, planner);
                plan.Regions.ShouldBeUnique();
                plan.Regions.ShouldBeSubsetOf(["eu-west", "us-east", "ap-south"]);
                plan.Needed.ShouldBeInRange(1, plan.Regions.Length);
                payload.Length.ShouldBeLessThanOrEqualTo(plan.MaxPayloadBytes);
                plans++;
            }
            catch (SandboxException e)
            {
                e.Code.ShouldBeOneOf(Refusals);
                e.Message.ShouldNotBeNullOrWhiteSpace();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
        plans.ShouldBeGreaterThan(0, "nothing that was tried is a body");
    }

    [Fact]
    public async Task What_is_asked_of_the_list_is_a_page_or_a_refusal()
    {
        await _silo.DeployAsync("echo", "echo");
        using var queued = await _silo.Http.PostAsync("/v1/functions/echo/invoke-async", new ByteArrayContent([]));
        await Answer.JsonAsync(queued);
        var parameter = Gen.Elements("state", "function", "after", "limit", "other").Zip(Texts, (name, value) => $"{name}={Uri.EscapeDataString(value)}");
        var queries = parameter.ListOf().Zip(Gen.Elements("", "state=dead", "state=succeeded&limit=2"), (list, start) => string.Join('&', list.Take(4).Prepend(start)));
        var pages = 0;

        Prop.ForAll(queries.ToArbitrary(), query =>
        {
            using var answer = _silo.Http.GetAsync($"/v1/invocations?{query}").GetAwaiter().GetResult();
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                Answer.JsonAsync(answer).GetAwaiter().GetResult()["invocations"]!.AsArray().Count.ShouldBeLessThanOrEqualTo(1_000);
                pages++;
                return;
            }

            Answer.ProblemAsync(answer, HttpStatusCode.BadRequest, "invalid_parameter").GetAwaiter().GetResult();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
        pages.ShouldBeGreaterThan(0, "nothing that was tried is a query");
    }

    [Fact]
    public void A_wait_is_no_longer_than_a_minute_or_refused() => Prop.ForAll(
        Gen.OneOf(Texts, Texts.Select(text => text + "s"), ArbMap.Default.GeneratorFor<ulong>().Select(number => $"{number}ms"), ArbMap.Default.GeneratorFor<uint>().Select(number => $"{number}s")).ToArbitrary(),
        text =>
        {
            try
            {
                WaitText.Parse(text).ShouldBeInRange(0, InvocationLookup.MaxWaitMs);
            }
            catch (SandboxException e)
            {
                e.Code.ShouldBe(ErrorCodes.InvalidParameter);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
}
