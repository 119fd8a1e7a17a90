using System.Text;
using HeliosEdge.Sandbox.HostServices.Http;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Tests.Extism;

namespace HeliosEdge.Sandbox.Tests.Abi;

public sealed class ExtismInvokeTests
{
    private readonly Plugin _plugin = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(1_000_003)]
    public void A_payload_comes_back_from_echo_however_many_words_it_has(int size)
    {
        var payload = new byte[size];
        new System.Random(size).NextBytes(payload);

        _plugin.Invoke("extism_echo", "echo", payload).ShouldBe(payload);
    }

    [Fact]
    public void The_memory_does_what_Extisms_kernel_does() =>
        _plugin.Text("extism_kernel", "blocks", "payload!").ShouldBe(new string('1', 22));

    [Fact]
    public void An_error_is_quoted_whatever_the_result_is()
    {
        var failed = _plugin.Fails("extism_kernel", "fail", "näh");
        (failed.Code, failed.Value, failed.Message).ShouldBe((ErrorCodes.GuestExit, 3, "The plug-in returned 3: näh"));

        failed = _plugin.Fails("extism_kernel", "fail_silently", "");
        (failed.Code, failed.Value, failed.Message).ShouldBe((ErrorCodes.GuestExit, -7, "The plug-in returned -7."));

        failed = _plugin.Fails("extism_kernel", "fail_with_result_zero", "no");
        (failed.Code, failed.Value, failed.Message).ShouldBe((ErrorCodes.GuestExit, 0, "The plug-in returned 0: no"));

        _plugin.Fails("extism_kernel", "fail", new string('x', 2_000)).Message.ShouldBe($"The plug-in returned 3: {new string('x', 1_024)}…");
        _plugin.Text("extism_kernel", "change_its_mind", "no").ShouldBe("fine after all");
    }

    [Fact]
    public void A_trap_quotes_the_error_too()
    {
        var failed = _plugin.Fails("extism_kernel", "trap_with_words", "it is broken");

        failed.Code.ShouldBe(ErrorCodes.Trap);
        failed.Message.ShouldContain("unreachable");
        failed.Message.ShouldContain("It said: it is broken");
        failed.Backtrace.ShouldContain("trap_with_words");
    }

    [Fact]
    public void An_entry_may_have_no_result() => _plugin.Text("extism_kernel", "no_result", "").ShouldBe("no result");

    [Fact]
    public void Every_call_has_an_instance_and_a_memory_of_its_own()
    {
        for (var i = 0; i < 20; i++)
        {
            _plugin.Text("extism_kernel", "count", new string('x', 10_000)).ShouldBe("1");
            _plugin.Text("extism_kernel", "blocks", "payload!").ShouldBe(new string('1', 22));
        }
    }

    [Fact]
    public void A_plugin_that_spins_is_stopped_at_its_deadline()
    {
        var failed = _plugin.Fails("extism_kernel", "spin", "x", Plugin.Limits with { TimeoutMs = 200 });

        (failed.Code, failed.Limit).ShouldBe((ErrorCodes.Timeout, 200));
    }

    [Fact]
    public void Steps_over_the_wall_are_counted_and_end_the_plugin()
    {
        _plugin.Text("extism_kernel", "stumble", "x").ShouldBe("0");
        _plugin.Services.Escapes.Count("f", "eu").ShouldBe(2);

        _plugin.Fails("extism_kernel", "probe", "x").Code.ShouldBe(ErrorCodes.SandboxViolation);
        _plugin.Services.Escapes.Count("f", "eu").ShouldBe(5);
    }

    [Fact]
    public void Output_outside_the_memory_is_none() => _plugin.Text("extism_kernel", "output_outside", "x").ShouldBeEmpty();

    [Fact]
    public void The_memory_ends_at_the_functions_limit()
    {
        int.Parse(_plugin.Text("extism_kernel", "hog", "")).ShouldBeInRange(5, 7);
        foreach (var entry in new[] { "hog_and_store", "hog_and_trap" })
        {
            var failed = _plugin.Fails("extism_kernel", entry, "");
            (failed.Code, failed.Limit).ShouldBe((ErrorCodes.MemoryLimitExceeded, 8 << 20));
        }

        _plugin.Text("extism_kernel", "recycle", "").ShouldBe("1");
    }

    [Fact]
    public void Payload_and_response_are_limited()
    {
        var refused = _plugin.Fails("extism_echo", "echo", new string('x', 11), Plugin.Limits with { MaxPayloadBytes = 10 });
        (refused.Code, refused.Limit, refused.Value).ShouldBe((ErrorCodes.PayloadTooLarge, 10, 11));

        refused = _plugin.Fails("extism_echo", "echo", new string('x', 11), Plugin.Limits with { MaxResponseBytes = 10 });
        (refused.Code, refused.Limit, refused.Value).ShouldBe((ErrorCodes.ResponseTooLarge, 10, 11));

        refused = _plugin.Fails("extism_echo", "echo", new string('x', 2 << 20), Plugin.Limits with { MemoryMiB = 2 });
        (refused.Code, refused.Limit).ShouldBe((ErrorCodes.MemoryLimitExceeded, 2 << 20));
    }

    [Fact]
    public void Calls_of_the_memory_are_no_host_calls_but_calls_of_services_are()
    {
        _plugin.Invoke("extism_echo", "echo", new byte[10_000]).Length.ShouldBe(10_000);

        var ended = _plugin.Fails("extism_services", "log_forever", "");
        (ended.Code, ended.Limit, ended.Value).ShouldBe((ErrorCodes.HostCallsExceeded, 100, 101));
    }

    [Fact]
    public void Lines_reach_the_log_with_their_level()
    {
        _plugin.Text("extism_services", "log", "grüß Gott").ShouldBe("0");

        _plugin.Log.Lines.ShouldBe(
        [
            "f eu Trace grüß Gott", "f eu Debug grüß Gott", "f eu Information grüß Gott", "f eu Warning grüß Gott", "f eu Error grüß Gott", "f eu Information ",
        ]);
        _plugin.Fails("extism_services", "log_forever", new string('x', 100)).Code.ShouldBe(ErrorCodes.LogLimitExceeded);
        _plugin.Fails("extism_services", "log_forever", new string('x', 1_001)).Code.ShouldBe(ErrorCodes.LogLimitExceeded);
        _plugin.Fails("extism_services", "log_no_block", "x").Code.ShouldBe(ErrorCodes.OutOfBounds);
    }

    [Fact]
    public void Configuration_is_the_registrations()
    {
        var plugin = new Plugin { Settings = new GuestSettings { Configuration = [new("greeting", "héllo"), new("", "nameless"), new("empty", "")] } };

        plugin.Text("extism_services", "config", "greeting").ShouldBe("héllo");
        plugin.Text("extism_services", "config", "").ShouldBe("nameless");
        plugin.Text("extism_services", "config", "empty").ShouldBe("(none)");
        plugin.Text("extism_services", "config", "Greeting").ShouldBe("(none)");
        plugin.Fails("extism_services", "config", new string('k', 201)).Code.ShouldBe(ErrorCodes.StringTooLarge);
        Should.Throw<SandboxException>(() => plugin.Invoke("extism_services", "config", [0xC0, 0x80])).Code.ShouldBe(ErrorCodes.InvalidUtf8);
    }

    [Fact]
    public void Variables_last_from_call_to_call_in_the_functions_keys()
    {
        _plugin.Text("extism_services", "get", "a").ShouldBe("(none)");
        _plugin.Text("extism_services", "set", "aone").ShouldBe("0", "a block that was given to the host is gone");
        _plugin.Text("extism_services", "get", "a").ShouldBe("one");
        _plugin.Store.All.Single().Key.ShouldBe(("eu", "f", "extism:var:a"));
        _plugin.Text("extism_services", "set", "a");
        _plugin.Text("extism_services", "get", "a").ShouldBe("(none)");
        _plugin.Store.All.ShouldBeEmpty();
    }

    [Fact]
    public void Variables_are_limited()
    {
        var full = _plugin.Fails("extism_services", "set", "a" + new string('v', 1_000_001));
        full.Code.ShouldBe(ErrorCodes.Trap);
        full.Message.ShouldContain("1000001 bytes does not fit");

        var large = _plugin.Fails("extism_services", "set", "a" + new string('v', (1 << 20) + 1));
        (large.Code, large.Limit, large.Value).ShouldBe((ErrorCodes.StringTooLarge, 1 << 20, (1 << 20) + 1));

        var name = _plugin.Fails("extism_services", "get", new string('k', 1_014));
        (name.Code, name.Limit, name.Value).ShouldBe((ErrorCodes.StringTooLarge, 1_013, 1_014));
    }

    [Fact]
    public void A_request_is_sent_with_its_body_and_answered_with_status_headers_and_body()
    {
        var plugin = new Plugin { Settings = new GuestSettings { AllowedHosts = ["api.example.com"] } };
        plugin.Http.Answer = _ => new OutboundHttpResponse { Status = 404, Headers = [new("x-a", "ä"), new("b", "")], Body = "sorry"u8.ToArray() };
        const string Request = """{"url": "https://api.example.com/x", "method": "PUT", "headers": {"accept": "text/plain"}}""";

        plugin.Text("extism_services", "request_with_body", Request).ShouldBe("sorry");
        var sent = plugin.Http.Request!;
        (sent.Method, sent.Url, Encoding.UTF8.GetString(sent.Body.Span)).ShouldBe(("PUT", "https://api.example.com/x", "body"));
        sent.Headers.ShouldBe([new("accept", "text/plain")]);
        plugin.Http.Sender!.AllowedHosts.Single().ToString().ShouldBe("api.example.com");
        (plugin.Http.Sender.Function, plugin.Http.Sender.Region, plugin.Http.Sender.MaxRequests).ShouldBe(("f", "eu", Plugin.Limits.MaxHttpRequests));

        plugin.Text("extism_services", "request", Request);
        plugin.Http.Request!.Body.Length.ShouldBe(0);
        System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, string>>(plugin.Text("extism_services", "request_headers", Request))
            .ShouldBe(new Dictionary<string, string> { ["x-a"] = "ä", ["b"] = "" });
        plugin.Text("extism_services", "request_status", Request).ShouldBe("404");
    }

    [Fact]
    public void A_request_that_can_not_be_sent_ends_the_plugin()
    {
        _plugin.Fails("extism_services", "request", "no JSON").Code.ShouldBe(ErrorCodes.HttpRequestInvalid);
        _plugin.Fails("extism_services", "request", $$"""{"url": "http://a/{{new string('x', 200)}}"}""").Code.ShouldBe(ErrorCodes.HttpRequestTooLarge);
        _plugin.Http.Answer = _ => throw new SandboxException(ErrorCodes.HttpHostDenied, "no");
        _plugin.Fails("extism_services", "request", """{"url": "http://a/"}""").Code.ShouldBe(ErrorCodes.HttpHostDenied);
        _plugin.Http.Answer = _ => throw new SandboxException(ErrorCodes.HttpRequestsExceeded, "no") { Limit = 1, Value = 2 };
        var many = _plugin.Fails("extism_services", "request", """{"url": "http://a/"}""");
        (many.Code, many.Limit, many.Value).ShouldBe((ErrorCodes.HttpRequestsExceeded, 1, 2));
        _plugin.Http.Answer = _ => throw new TimeoutException("no");
        _plugin.Fails("extism_services", "request", """{"url": "http://a/"}""").Code.ShouldBe(ErrorCodes.Timeout);
        _plugin.Http.Answer = _ => new OutboundHttpResponse { Status = 200, Body = new byte[8 << 20] };
        _plugin.Fails("extism_services", "request", """{"url": "http://a/"}""").Code.ShouldBe(ErrorCodes.MemoryLimitExceeded);
    }

    [Fact]
    public void A_reactor_is_initialized_before_it_has_its_input_and_prints_to_the_log()
    {
        _plugin.Text("extism_reactor", "greet", "hello").ShouldBe("initialized");

        _plugin.Log.Lines.ShouldBe(
            ["f eu Information on standard error: 0", "f eu Information on standard output: initialized", "f eu Information unfinished"], ignoreOrder: true);
        _plugin.Text("extism_reactor", "greet", "").ShouldBeEmpty("what was set while it was initialized is gone");
    }

    [Fact]
    public void A_plugin_may_exit()
    {
        _plugin.Text("extism_reactor", "leave", "").ShouldBe("left");

        var failed = _plugin.Fails("extism_reactor", "leave", "x");
        (failed.Code, failed.Value, failed.Message).ShouldBe((ErrorCodes.GuestExit, 5, "The plug-in exited with code 5: leaving"));
    }

    [Fact]
    public void A_plugin_of_Extisms_kit_for_AssemblyScript_runs_as_it_is()
    {
        _plugin.Text("vowels", "count_vowels", "Hello, world! Bücher").ShouldBe("""{"count":4,"total":4}""");
        _plugin.Text("vowels", "count_vowels", new string('e', 9)).ShouldBe("""{"count":9,"total":13}""");
        _plugin.Text("vowels", "count_vowels", "").ShouldBe("""{"count":0,"total":13}""");

        var other = new Plugin { Settings = new GuestSettings { Configuration = [new("vowels", "lrw")] } };
        other.Text("vowels", "count_vowels", "Hello, world!").ShouldBe("""{"count":5,"total":5}""");
    }

    [Fact]
    public void A_reactor_sees_the_registrations_environment()
    {
        var plugin = new Plugin { Settings = new GuestSettings { Environment = [new("NAME", "value")] } };

        plugin.Text("extism_reactor", "environment", "NAME").ShouldBe("value");
        plugin.Text("extism_reactor", "environment", "name").ShouldBe("(none)");
    }

    [Fact]
    public void What_a_reactor_prints_is_dropped_without_the_capability_to_log()
    {
        var plugin = new Plugin { Profile = SecurityProfile.Resolve(null, ["env"]) };

        plugin.Text("extism_reactor", "greet", "hello").ShouldBe("initialized");
        plugin.Log.Lines.ShouldBeEmpty();
        plugin.Fails("extism_reactor", "leave", "x").Message.ShouldBe("The plug-in exited with code 5: leaving");
    }

    [Fact]
    public void Calls_of_WASI_are_host_calls() =>
        _plugin.Fails("extism_reactor", "greet", "hello", Plugin.Limits with { MaxHostCalls = 2 }).Code.ShouldBe(ErrorCodes.HostCallsExceeded);

    [Fact]
    public void What_the_profile_does_not_grant_is_not_even_linked()
    {
        using var module = Guests.Compile("extism_services");
        var scope = new SandboxScope("f", "eu", SecurityProfile.Minimal, Plugin.Limits, _plugin.Services);

        var refused = Should.Throw<SandboxException>(() => new HeliosEdge.Sandbox.Abi.Extism.ExtismAbi().Invoke(
            module, "log", "x"u8, Plugin.Limits, new System.Buffers.ArrayBufferWriter<byte>(), scope));
        refused.Code.ShouldBe(ErrorCodes.InvalidModule);
        _plugin.Log.Lines.ShouldBeEmpty();
    }
}
