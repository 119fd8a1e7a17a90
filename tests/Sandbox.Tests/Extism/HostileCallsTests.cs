using System.Diagnostics;
using HeliosEdge.Sandbox.Abi.Extism;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.HostServices.Http;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.Tests.Extism;

/// <summary>Calls that no kit makes.</summary>
public sealed class HostileCallsTests
{
    private static readonly Dictionary<string, HostFunction> Functions = ExtismFunctions.For((Capability)~0).Functions
        .Where(function => function.Module == ExtismFunctions.Module)
        .ToDictionary(function => function.Name);

    [Fact]
    public void Every_function_of_Extism_is_there_with_its_type()
    {
        Functions.Values.Select(function => $"{function.Name}{function.Type}").Order(StringComparer.Ordinal).ShouldBe(
        [
            "alloc(i64) -> (i64)", "config_get(i64) -> (i64)", "error_get() -> (i64)", "error_set(i64) -> ()", "free(i64) -> ()",
            "get_log_level() -> (i32)", "http_headers() -> (i64)", "http_request(i64, i64) -> (i64)", "http_status_code() -> (i32)",
            "input_length() -> (i64)", "input_load_u64(i64) -> (i64)", "input_load_u8(i64) -> (i32)", "input_offset() -> (i64)",
            "input_set(i64, i64) -> ()", "length(i64) -> (i64)", "length_unsafe(i64) -> (i64)", "load_u64(i64) -> (i64)",
            "load_u8(i64) -> (i32)", "log_debug(i64) -> ()", "log_error(i64) -> ()", "log_info(i64) -> ()", "log_trace(i64) -> ()",
            "log_warn(i64) -> ()", "memory_bytes() -> (i64)", "output_length() -> (i64)", "output_offset() -> (i64)",
            "output_set(i64, i64) -> ()", "reset() -> ()", "store_u64(i64, i64) -> ()", "store_u8(i64, i32) -> ()",
            "var_get(i64) -> (i64)", "var_set(i64, i64) -> ()",
        ]);
    }

    [Fact]
    public void A_call_that_slips_past_the_linker_is_denied()
    {
        using var guest = new Guest(SecurityProfile.Minimal);

        foreach (var (name, needed) in new[] { ("log_info", "log"), ("config_get", "env"), ("var_get", "kv.read"), ("var_set", "kv.write"), ("http_request", "http.outbound") })
        {
            var denied = Should.Throw<SandboxException>(() => guest.Call(name, 0, 0));
            denied.Code.ShouldBe(ErrorCodes.CapabilityDenied);
            denied.Message.ShouldContain(needed);
        }

        guest.Call("get_log_level").ShouldBe(int.MaxValue);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Whatever_is_called_gives_a_result_or_ends_the_plugin_with_a_code(int seed)
    {
        var random = new System.Random(seed);
        var functions = Functions.Values.ToArray();
        var ended = new HashSet<string>();
        for (var round = 0; round < 400; round++)
        {
            using var guest = new Guest(SecurityProfile.Resolve("edge", []));
            guest.State.TryBegin(new byte[random.Next(0, 200)]).ShouldBeTrue();
            List<long> known = [0, 1, 8, 63, 64, 65_528, 65_535, 65_536, 1 << 20, int.MaxValue, uint.MaxValue, -1, -8, long.MaxValue, long.MinValue, (long)guest.State.Memory.InputAddress];
            for (var call = 0; call < 300; call++)
            {
                var function = functions[random.Next(functions.Length)];
                var arguments = function.Parameters.Select(_ => Choose()).ToArray();
                if (function.Name == "alloc" && random.Next(3) > 0)
                {
                    arguments[0] = random.Next(0, 4_000);
                }

                long Choose() => known[random.Next(known.Count)] + (random.Next(3) == 0 ? random.Next(-9, 10) : 0);
                try
                {
                    var result = guest.Call(function.Name, arguments);
                    if (function.Name == "alloc" && result != 0)
                    {
                        guest.State.Memory.Contains((ulong)result, (ulong)arguments[0]).ShouldBeTrue();
                        known.Add(result);
                    }
                }
                catch (SandboxException e)
                {
                    ended.Add(e.Code);
                    break;
                }
            }

            var memory = guest.State.Memory;
            memory.Length.ShouldBeLessThanOrEqualTo(1 << 20);
            memory.View(memory.OutputAddress, (int)memory.OutputLength).Length.ShouldBe((int)memory.OutputLength);
            _ = guest.State.ErrorText();
        }

        ended.ShouldBeSubsetOf(
        [
            ErrorCodes.SandboxViolation, ErrorCodes.OutOfBounds, ErrorCodes.InvalidUtf8, ErrorCodes.StringTooLarge, ErrorCodes.HttpRequestInvalid,
            ErrorCodes.HttpRequestTooLarge, ErrorCodes.LogLimitExceeded, ErrorCodes.HostCallsExceeded, ErrorCodes.MemoryLimitExceeded, ErrorCodes.Trap,
        ]);
        ended.ShouldContain(ErrorCodes.SandboxViolation);
    }

    private sealed class Guest : IHostCaller, IDisposable
    {
        public Guest(SecurityProfile profile)
        {
            var plugin = new Plugin { Settings = new GuestSettings { Configuration = [new("", "value")] } };
            plugin.Http.Answer = _ => new OutboundHttpResponse { Status = 200 };
            State = new ExtismCall(new SandboxContext(
                new SandboxScope("f", "eu", profile, Plugin.Limits with { MemoryMiB = 1 }, plugin.Services, plugin.Settings), Stopwatch.GetTimestamp()));
        }

        public ExtismCall State { get; }

        object? IHostCaller.State => State;

        public bool HasMemory => false;

        public long MemoryLength => 0;

        public Span<byte> Memory(long offset, int length) => throw new InvalidOperationException("Extism's functions do not reach into the guest.");

        public long Call(string function, params long[] arguments) => Functions[function].Callback(this, arguments);

        public bool HasFunction(string export, string type) => false;

        public int Call(string export, int argument) => throw new InvalidOperationException("The guest exports no functions.");

        public void Run(string export, int first, int second) => throw new InvalidOperationException("The guest exports no functions.");

        public void Dispose() => State.Dispose();
    }
}
