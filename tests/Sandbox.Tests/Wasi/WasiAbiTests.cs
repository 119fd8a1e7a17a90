using System.Buffers;
using System.Diagnostics;
using System.Text;
using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.Abi.Wasi;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Tests.HostFunctions;

namespace HeliosEdge.Sandbox.Tests.Wasi;

public sealed class WasiAbiTests
{
    private static readonly ResourceLimits Limits = new() { MemoryMiB = 16, MaxPayloadBytes = 100_000, MaxResponseBytes = 100_000, TimeoutMs = 30_000 };

    private static readonly WasiAbi Abi = new();

    [Fact]
    public void ThePayloadIsReadAndWhatIsWrittenIsTheResponse()
    {
        var payload = new string('x', 99_000) + "äö";
        Invoke("wasi_upper", payload).ShouldBe(new string('X', 99_000) + "äö");
        Invoke("wasi_upper", "").ShouldBeEmpty();
    }

    [Fact]
    public void ArgumentsEnvironmentAndLogAreTheRegistrations()
    {
        var log = new GuestLines();
        InvokeIn(ScopeOf("compute", [], log), "wasi_upper", "a").ShouldBe("A");

        log.Lines.Select(line => line["shout eu-west Information ".Length..]).ShouldBe(["arg 0 shout", "arg 1 -x", "arg 2 ", "env KEY=a=b", "env Ü=é"]);
    }

    [Fact]
    public void WithoutTheCapabilityStandardErrorIsNotLogged()
    {
        var log = new GuestLines();
        InvokeIn(ScopeOf("minimal", ["env"], log), "wasi_upper", "a").ShouldBe("A");
        log.Lines.ShouldBeEmpty();

        var failure = Should.Throw<SandboxException>(() => InvokeIn(ScopeOf("minimal", [], log), "wasi_exit", "3"));
        failure.Message.ShouldBe("The guest exited with code 3: with code 3", "its last words are part of the error all the same");
        log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public void ACapabilityThatWasTakenBackIsAnErrorOfTheCall()
    {
        // The module was let in with env; what the C library makes of ENOTCAPABLE is to exit.
        var failure = Should.Throw<SandboxException>(() => InvokeIn(ScopeOf("minimal", ["log"], new GuestLines()), "wasi_upper", "a"));

        failure.Code.ShouldBe(ErrorCodes.GuestExit);
    }

    [Theory]
    [InlineData("wasi_upper", "environ_get needs env; wasi_snapshot_preview1.environ_sizes_get needs env")]
    [InlineData("wasi_sleep", "clock_time_get needs clock; wasi_snapshot_preview1.poll_oneoff needs clock")]
    [InlineData("wasi_exit", null)]
    public void AModuleThatImportsWhatItsProfileLacksIsRefused(string guest, string? reason)
    {
        using var module = Guests.Compile(guest);
        Should.NotThrow(() => Abi.CheckModule(module, "_start", Limits, SecurityProfile.Resolve("compute", [])));
        if (reason is null)
        {
            Should.NotThrow(() => Abi.CheckModule(module, "_start", Limits, SecurityProfile.Minimal));
            return;
        }

        var failure = Should.Throw<SandboxException>(() => Abi.CheckModule(module, "_start", Limits, SecurityProfile.Minimal));
        failure.Code.ShouldBe(ErrorCodes.CapabilityDenied);
        failure.Message.ShouldContain(reason);
    }

    [Fact]
    public void CallsOfTheHostAreCountedAndBounded()
    {
        var failure = Should.Throw<SandboxException>(
            () => InvokeIn(ScopeOf("compute", [], new GuestLines(), Limits with { MaxHostCalls = 20 }), "wasi_flood", ""));

        failure.Code.ShouldBe(ErrorCodes.HostCallsExceeded);
        (failure.Limit, failure.Value).ShouldBe((20, 21));
    }

    [Fact]
    public void StandardErrorIsBoundedByTheLogsLimit()
    {
        var failure = Should.Throw<SandboxException>(
            () => InvokeIn(ScopeOf("compute", [], new GuestLines(), Limits with { MaxLogBytes = 12 }), "wasi_upper", ""));

        failure.Code.ShouldBe(ErrorCodes.LogLimitExceeded);
    }

    [Fact]
    public void AnExitCodeIsAnErrorThatQuotesTheLastWords()
    {
        var failure = Fails("wasi_exit", "3");

        failure.Code.ShouldBe(ErrorCodes.GuestExit);
        failure.Value.ShouldBe(3);
        failure.Message.ShouldBe("The guest exited with code 3: with code 3");
    }

    [Fact]
    public void ExitCodeZeroIsSuccess() => Invoke("wasi_exit", "0").ShouldBe("an answer that nobody gets\n");

    [Fact]
    public void AResponseThatGrowsTooLargeEndsTheGuest()
    {
        var failure = Fails("wasi_flood", "");

        failure.Code.ShouldBe(ErrorCodes.ResponseTooLarge);
        failure.Limit.ShouldBe(Limits.MaxResponseBytes);
    }

    [Fact]
    public void AGuestThatSleepsIsWokenForItsDeadline()
    {
        var failure = Fails("wasi_sleep", "100000000", Limits with { TimeoutMs = 200 });

        failure.Code.ShouldBe(ErrorCodes.Timeout);
        failure.Limit.ShouldBe(200);
    }

    [Fact]
    public void WhatReturnsAfterTheDeadlineIsNoAnswer()
    {
        var limits = Limits with { TimeoutMs = 20 };
        var scope = new SandboxScope(
            "late", "eu-west", SecurityProfile.Resolve("compute", []), limits, new HostServiceSet { Log = new SlowLog(TimeSpan.FromMilliseconds(limits.TimeoutMs)) });

        var failure = Should.Throw<SandboxException>(() => InvokeIn(scope, "wasi_last_words", ""));

        (failure.Code, failure.Limit).ShouldBe((ErrorCodes.Timeout, 20));
    }

    [Fact]
    public void AGuestSleepsForAsLongAsItWants() => Invoke("wasi_sleep", "50").ShouldBe("0 long enough\n");

    [Fact]
    public void EachInvocationHasAnEmptyFileSystemOfItsOwn()
    {
        Invoke("wasi_files", "").ShouldBe("all as it should be\n");
        Invoke("wasi_files", "").ShouldBe("all as it should be\n");
    }

    [Fact]
    public void APayloadThatIsTooLargeIsRefused() =>
        Fails("wasi_upper", new string('x', 100_001)).Code.ShouldBe(ErrorCodes.PayloadTooLarge);

    [Theory]
    [InlineData("wasi_upper", "_start", null)]
    [InlineData("wasi_upper", "main", "no function \"main\" () -> ()")]
    [InlineData("echo", "handle", "\"handle\" is (i32, i32) -> (i64), not () -> ()")]
    [InlineData("imports", "handle", "wasi does not offer ")]
    public void AModuleThatDoesNotFitIsRefusedWithReasons(string guest, string entry, string? reason)
    {
        using var module = Guests.Compile(guest);
        if (reason is null)
        {
            Should.NotThrow(() => Abi.CheckModule(module, entry, Limits));
            return;
        }

        var failure = Should.Throw<SandboxException>(() => Abi.CheckModule(module, entry, Limits));
        failure.Code.ShouldBe(ErrorCodes.InvalidModule);
        failure.Message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("wasi_upper", "wasi")]
    [InlineData("echo", "helios-1")]
    [InlineData("imports", "helios-1")]
    public void TheAbiIsDetectedFromTheModule(string guest, string abi)
    {
        using var module = Guests.Compile(guest);
        var detected = GuestAbis.Detect(module);
        detected.Name.ShouldBe(abi);
        detected.DefaultEntryOf(module).ShouldBe(abi == "wasi" ? "_start" : "handle");
    }

    private static string Invoke(string guest, string payload)
    {
        using var module = Guests.Compile(guest);
        var response = new ArrayBufferWriter<byte>();
        Abi.Invoke(module, "_start", Encoding.UTF8.GetBytes(payload), Limits, response);
        return Encoding.UTF8.GetString(response.WrittenSpan);
    }

    private static SandboxScope ScopeOf(string profile, string[] added, GuestLines log, ResourceLimits? limits = null) => new(
        "shout",
        "eu-west",
        SecurityProfile.Resolve(profile, added),
        limits ?? Limits,
        new HostServiceSet { Log = log },
        new GuestSettings { Arguments = ["-x", ""], Environment = [new("KEY", "a=b"), new("Ü", "é")] });

    private static string InvokeIn(SandboxScope scope, string guest, string payload)
    {
        using var module = Guests.Compile(guest);
        var response = new ArrayBufferWriter<byte>();
        Abi.Invoke(module, "_start", Encoding.UTF8.GetBytes(payload), scope.Limits, response, scope);
        return Encoding.UTF8.GetString(response.WrittenSpan);
    }

    private static SandboxException Fails(string guest, string payload, ResourceLimits? limits = null)
    {
        using var module = Guests.Compile(guest);
        var response = new ArrayBufferWriter<byte>();
        var failure = Should.Throw<SandboxException>(
            () => Abi.Invoke(module, "_start", Encoding.UTF8.GetBytes(payload), limits ?? Limits, response));
        response.WrittenCount.ShouldBe(0);
        return failure;
    }

    /// <summary>Takes longer than a guest has.</summary>
    private sealed class SlowLog(TimeSpan time) : IGuestLog
    {
        public void Write(string function, string region, GuestLogLevel level, string text)
        {
            var since = Stopwatch.GetTimestamp();
            SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(since) > time);
        }
    }
}
