using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.Metrics;
using HeliosEdge.Sandbox.Abi.Helios1;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.Tests.HostFunctions;

public sealed class HeliosFunctionsTests
{
    private readonly GuestLines _log = new();
    private readonly Helios1Abi _abi = new();
    private ResourceLimits _limits = new() { MemoryMiB = 8, MaxHostCalls = 100, MaxLogBytes = 1_000, MaxStringBytes = 200 };

    [Fact]
    public void A_line_reaches_the_log_with_its_function_region_and_level()
    {
        Code("log", "grüß Gott"u8).ShouldBe(0);

        _log.Lines.ShouldBe(["f eu Warning grüß Gott"]);
    }

    [Fact]
    public void What_is_wrong_with_a_string_is_told_to_the_guest()
    {
        Code("log_at", Numbers(0, 4)).ShouldBe(-2);
        Code("log_at", Numbers(uint.MaxValue, 1)).ShouldBe(-2);
        Code("log_at", Numbers(131_070, 3)).ShouldBe(-2);
        Code("log_at", Numbers(1_024, 201)).ShouldBe(-4);
        Code("log_at", Numbers(1_024, uint.MaxValue)).ShouldBe(-4);
        Code("log_broken", []).ShouldBe(-3);
        _log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public void A_guest_that_probes_its_walls_is_ended()
    {
        var ended = Fails("probe", []);

        (ended.Code, ended.Limit, ended.Value).ShouldBe((ErrorCodes.SandboxViolation, 3, 3));
        Services.Escapes.Count("f", "eu").ShouldBe(3);
    }

    [Fact]
    public void A_log_bomb_is_ended_at_the_limit()
    {
        var ended = Fails("log_forever", new byte[100]);

        (ended.Code, ended.Limit, ended.Value).ShouldBe((ErrorCodes.LogLimitExceeded, 1_000, 1_010));
        _log.Lines.Count.ShouldBe(9);
    }

    [Fact]
    public void Host_calls_without_end_are_ended_at_the_limit()
    {
        var ended = Fails("log_forever", []);

        (ended.Code, ended.Limit, ended.Value).ShouldBe((ErrorCodes.HostCallsExceeded, 100, 101));
    }

    [Fact]
    public void The_clock_is_the_hosts()
    {
        Code("clock", []).ShouldBe(1_000_000_000);
        Code("clock_null", []).ShouldBe(-6);
    }

    [Fact]
    public void Random_bytes_differ_from_call_to_call()
    {
        _limits = _limits with { MaxStringBytes = 256 };
        var first = Invoke("random", []);
        var second = Invoke("random", []);

        first.Length.ShouldBe(256);
        first.ShouldNotBe(second);
        first.Distinct().Count().ShouldBeGreaterThan(50);
    }

    [Fact]
    public void Allocated_blocks_are_zeroed_and_what_is_left_of_them_is_counted_without_a_warning()
    {
        var here = Environment.CurrentManagedThreadId;
        var counted = new List<long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "helios.sandbox.leaked_bytes")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, bytes, _, _) =>
        {
            // Other tests count on threads of their own.
            if (Environment.CurrentManagedThreadId == here)
            {
                counted.Add(bytes);
            }
        });
        listener.Start();

        Code("alloc", Numbers(100)).ShouldBe(0);
        Code("alloc_free", []).ShouldBe(0);

        counted.ShouldBe([100]);
        _log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public void What_can_not_be_allocated_is_told_to_the_guest()
    {
        Code("alloc", Numbers(200_000)).ShouldBe(-8);
        Code("alloc", Numbers((16 << 20) + 1)).ShouldBe(-8);
        Code("alloc", Numbers(uint.MaxValue)).ShouldBe(-8);
    }

    [Fact]
    public void A_double_free_ends_the_invocation() => Fails("double_free", []).Code.ShouldBe(ErrorCodes.DoubleFree);

    [Fact]
    public void A_module_that_imports_more_than_its_profile_grants_is_refused_with_all_that_is_missing()
    {
        using var module = Guests.Compile("host_functions");

        var refused = Should.Throw<SandboxException>(() => _abi.CheckModule(module, "log", _limits, SecurityProfile.Resolve(null, ["log"])));
        refused.Code.ShouldBe(ErrorCodes.CapabilityDenied);
        refused.Message.ShouldContain("heliosdb.clock_now needs clock");
        refused.Message.ShouldContain("heliosdb.random_get needs random");
        refused.Message.ShouldNotContain("heliosdb.log");
        Should.Throw<SandboxException>(() => _abi.CheckModule(module, "log", _limits)).Code.ShouldBe(ErrorCodes.CapabilityDenied);
        _abi.CheckModule(module, "log", _limits, SecurityProfile.Resolve("compute", []));
    }

    [Fact]
    public void What_the_profile_does_not_grant_is_not_even_linked()
    {
        using var module = Guests.Compile("host_functions");
        var scope = new SandboxScope("f", "eu", SecurityProfile.Minimal, _limits, Services);

        var refused = Should.Throw<SandboxException>(() => _abi.Invoke(module, "log", [], _limits, new ArrayBufferWriter<byte>(), scope));
        refused.Code.ShouldBe(ErrorCodes.InvalidModule);
        refused.Message.ShouldContain("\"heliosdb\" \"log\"");
    }

    private HostServiceSet Services => field ??= new HostServiceSet { Log = _log, Clock = new Stopped() };

    private static byte[] Numbers(params ReadOnlySpan<uint> values)
    {
        var bytes = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), values[i]);
        }

        return bytes;
    }

    private int Code(string entry, ReadOnlySpan<byte> payload) => BinaryPrimitives.ReadInt32LittleEndian(Invoke(entry, payload));

    private byte[] Invoke(string entry, ReadOnlySpan<byte> payload)
    {
        using var module = Guests.Compile("host_functions");
        var profile = SecurityProfile.Resolve("compute", []);
        _abi.CheckModule(module, entry, _limits, profile);
        var response = new ArrayBufferWriter<byte>();
        _abi.Invoke(module, entry, payload, _limits, response, new SandboxScope("f", "eu", profile, _limits, Services));
        return response.WrittenSpan.ToArray();
    }

    private SandboxException Fails(string entry, byte[] payload) => Should.Throw<SandboxException>(() => Invoke(entry, payload));

    private sealed class Stopped : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(1_000_000_000);
    }
}
