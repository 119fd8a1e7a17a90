using System.Net;
using System.Text;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

[Trait("Category", "Slow")]
public sealed class ExtismTests
{
    [Fact]
    public async Task A_plugin_is_deployed_without_naming_its_abi_and_reads_its_registrations_configuration()
    {
        await using var silo = await TestSilo.StartAsync();
        var hash = (await Answer.JsonAsync(await silo.UploadAsync(TestSilo.Guest("extism_services"))))["hash"]!.GetValue<string>();

        await Answer.ProblemAsync(await silo.RegisterAsync("plugin", $$"""{"module": "{{hash}}", "profile": "edge"}"""), HttpStatusCode.BadRequest, "invalid_parameter");
        var denied = await Answer.ProblemAsync(
            await silo.RegisterAsync("plugin", $$"""{"module": "{{hash}}", "entry": "config"}"""), HttpStatusCode.UnprocessableEntity, "capability_denied");
        denied["detail"]!.GetValue<string>().ShouldContain("the profile compute does not grant: extism:host/env.var_set needs kv.write");

        var created = await Answer.JsonAsync(await silo.RegisterAsync(
            "plugin", $$$"""{"module": "{{{hash}}}", "entry": "config", "profile": "edge", "config": {"greeting": "good day"}}"""));
        created["abi"]!.GetValue<string>().ShouldBe("extism");
        Encoding.UTF8.GetString(await silo.CallAsync("plugin", "greeting"u8.ToArray())).ShouldBe("good day");

        await Answer.JsonAsync(await silo.RegisterAsync("echo", $$"""{"module": "{{await HashAsync(silo, "extism_echo")}}"}"""));
        (await silo.CallAsync("echo", new byte[100_000])).ShouldBe(new byte[100_000]);
    }

    [Fact]
    public async Task Variables_survive_a_restart_and_an_error_is_a_problem_that_quotes_it()
    {
        using var folder = new TemporaryFolder();
        await using (var silo = await TestSilo.StartAsync(folder.Path))
        {
            var services = await HashAsync(silo, "extism_services");
            await Answer.JsonAsync(await silo.RegisterAsync("plugin", $$"""{"module": "{{services}}", "entry": "set", "profile": "edge"}"""));
            await silo.CallAsync("plugin", "avalue"u8.ToArray(), "eu-west");
            await Answer.JsonAsync(await silo.RegisterAsync("plugin", $$"""{"module": "{{services}}", "entry": "get", "profile": "edge"}"""));
            await Answer.JsonAsync(await silo.RegisterAsync("fail", $$"""{"module": "{{await HashAsync(silo, "extism_kernel")}}", "entry": "fail"}"""));
        }

        await using var again = await TestSilo.StartAsync(folder.Path);
        Encoding.UTF8.GetString(await again.CallAsync("plugin", "a"u8.ToArray(), "eu-west")).ShouldBe("value");
        Encoding.UTF8.GetString(await again.CallAsync("plugin", "a"u8.ToArray(), "us-east")).ShouldBe("(none)");
        var failed = await Answer.ProblemAsync(await again.InvokeAsync("fail", "out of tea"u8.ToArray()), HttpStatusCode.BadGateway, "guest_exit");
        failed["detail"]!.GetValue<string>().ShouldBe("The plug-in returned 3: out of tea");
    }

    private static async Task<string> HashAsync(TestSilo silo, string guest) =>
        (await Answer.JsonAsync(await silo.UploadAsync(TestSilo.Guest(guest))))["hash"]!.GetValue<string>();
}
