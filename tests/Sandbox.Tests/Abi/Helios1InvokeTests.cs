using System.Buffers;
using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox.Abi.Helios1;

namespace HeliosEdge.Sandbox.Tests.Abi;

public sealed class Helios1InvokeTests
{
    private const long ClaimMemory = 2 * 65_536;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64_000)]
    [InlineData(100_000)]
    public void A_payload_comes_back_from_echo(int size)
    {
        var payload = new byte[size];
        new System.Random(size).NextBytes(payload);

        Invocation.Of("echo", payload).ShouldBe(payload);
    }

    [Fact]
    public void Nothing_of_a_call_is_visible_to_the_next()
    {
        using var counter = Guests.Compile("counter");
        using var residue = Guests.Compile("residue");
        var abi = new Helios1Abi();
        var secret = Enumerable.Repeat((byte)0xA5, 64).ToArray();

        for (var i = 0; i < 100; i++)
        {
            var counts = new ArrayBufferWriter<byte>();
            abi.Invoke(counter, "handle", [], Invocation.Limits, counts);
            counts.WrittenSpan.ToArray().ShouldBe([1, 1]);

            var found = new ArrayBufferWriter<byte>();
            abi.Invoke(residue, "handle", secret, Invocation.Limits, found);
            found.WrittenSpan.ToArray().ShouldBe(new byte[64]);
        }
    }

    [Fact]
    public void Whatever_a_guest_changes_and_however_it_ends_the_next_call_finds_the_module()
    {
        using var litter = Guests.Compile("litter");
        var abi = new Helios1Abi();
        var random = new System.Random(3);
        byte[]? first = null;

        for (var i = 0; i < 80; i++)
        {
            // Only a few run into their deadline, which takes its time.
            var end = i % 20 == 19 ? 2 : random.Next(2);
            var response = new ArrayBufferWriter<byte>();
            try
            {
                abi.Invoke(litter, "handle", [(byte)end], Invocation.Limits with { TimeoutMs = end == 2 ? 40 : 5_000 }, response);
                first ??= response.WrittenSpan.ToArray();
                response.WrittenSpan.ToArray().ShouldBe(first);
            }
            catch (SandboxException e)
            {
                e.Code.ShouldBe(end == 1 ? ErrorCodes.Trap : ErrorCodes.Timeout);
            }
        }

        // Pages, elements, the function in the table, null references, the global, the function in a global, runs of the start function.
        first.ShouldNotBeNull();
        Enumerable.Range(0, 7).Select(i => BinaryPrimitives.ReadInt32LittleEndian(first.AsSpan(32 + (4 * i)))).ShouldBe([1, 3, 1, 2, 7, 1, 1]);
        first.AsSpan(8, 8).ToArray().ShouldBe("passive!"u8.ToArray());
        BinaryPrimitives.ReadInt64LittleEndian(first.AsSpan(16)).ShouldBe(0);
        BinaryPrimitives.ReadInt64LittleEndian(first.AsSpan(24)).ShouldBe(1);
    }

    [Fact]
    public void Functions_with_other_limits_share_a_module_and_nothing_else()
    {
        using var residue = Guests.Compile("residue");
        var abi = new Helios1Abi();
        var secret = Enumerable.Repeat((byte)0x5A, 64).ToArray();

        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var found = new ArrayBufferWriter<byte>();
            abi.Invoke(residue, "handle", secret, Invocation.Limits with { MemoryMiB = 1 + (i % 20) }, found);
            found.WrittenSpan.ToArray().ShouldBe(new byte[64]);
        });
    }

    [Fact]
    public void A_payload_over_its_limit_never_reaches_the_guest()
    {
        var failure = Invocation.Fails("spin", new byte[11], limits: Invocation.Limits with { MaxPayloadBytes = 10 });

        failure.Code.ShouldBe(ErrorCodes.PayloadTooLarge);
        (failure.Limit, failure.Value).ShouldBe((10, 11));
        failure.Message.ShouldContain("10");
        failure.Message.ShouldContain("11");
    }

    [Theory]
    [InlineData("beyond")]
    [InlineData("across")]
    [InlineData("overflow")]
    [InlineData("wrap")]
    [InlineData("negative")]
    [InlineData("empty_beyond")]
    public void A_response_outside_the_memory_is_corrupted(string entry)
    {
        var failure = Invocation.Fails("liar", [1], entry);

        failure.Code.ShouldBe(ErrorCodes.CorruptedResponse);
        failure.Limit.ShouldBe(64 * 65_536);
        failure.Value!.Value.ShouldBeGreaterThan(64 * 65_536);
    }

    [Fact]
    public void The_last_byte_of_the_memory_may_be_answered_with()
    {
        Invocation.Of("liar", [1], "last").ShouldBe([42]);
        Invocation.Of("liar", [1], "empty").ShouldBeEmpty();
    }

    [Fact]
    public void A_response_over_its_limit_is_too_large()
    {
        var failure = Invocation.Fails("liar", [1], "long");

        failure.Code.ShouldBe(ErrorCodes.ResponseTooLarge);
        (failure.Limit, failure.Value).ShouldBe((100_000, 2 << 20));
    }

    [Fact]
    public void A_response_of_exactly_its_limit_is_answered() =>
        Invocation.Of("liar", [1], "long", Invocation.Limits with { MaxResponseBytes = 2 << 20 }).Length.ShouldBe(2 << 20);

    [Fact]
    public void Whatever_pointer_and_length_a_guest_claims_only_its_memory_is_read()
    {
        using var module = Guests.Compile("claim");
        var abi = new Helios1Abi();

        // Numbers near everything that matters: nothing, the response's limit, the memory's end, the ends of 31 and 32 bits.
        var near = Gen.Elements(0L, 100_000, ClaimMemory, int.MaxValue, uint.MaxValue)
            .SelectMany(center => Gen.Choose(-3, 3).Select(delta => (uint)(center + delta)));
        var any = Gen.OneOf(near, ArbMap.Default.GeneratorFor<uint>());
        var claims = any.SelectMany(pointer => any.Select(length => (pointer, length))).ToArbitrary();

        Prop.ForAll(claims, claim =>
        {
            var payload = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(payload, ((ulong)claim.pointer << 32) | claim.length);
            var response = new ArrayBufferWriter<byte>();
            string? code = null;
            try
            {
                abi.Invoke(module, "handle", payload, Invocation.Limits, response);
            }
            catch (SandboxException e)
            {
                code = e.Code;
            }

            var expected = claim.pointer + (long)claim.length > ClaimMemory ? ErrorCodes.CorruptedResponse
                : claim.length > 100_000 ? ErrorCodes.ResponseTooLarge
                : null;
            code.ShouldBe(expected);
            response.WrittenCount.ShouldBe(expected is null ? (int)claim.length : 0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Theory]
    [InlineData("allocate_beyond")]
    [InlineData("allocate_negative")]
    public void An_allocator_that_points_outside_the_memory_is_not_written_to(string guest)
    {
        var failure = Invocation.Fails(guest, new byte[100]);

        failure.Code.ShouldBe(ErrorCodes.CorruptedResponse);
        failure.Message.ShouldContain("__wasm_allocate");
    }

    [Fact]
    public void An_allocator_without_room_is_an_error_unless_nothing_is_to_be_placed()
    {
        Invocation.Fails("allocate_null", [1]).Code.ShouldBe(ErrorCodes.CorruptedResponse);
        Invocation.Of("allocate_null", []).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("spin")]
    [InlineData("allocate_spin")]
    [InlineData("start_spin")]
    public void A_guest_that_never_returns_is_stopped_at_its_deadline(string guest)
    {
        var failure = Invocation.Fails(guest, [1], limits: Invocation.Limits with { TimeoutMs = 50 });

        failure.Code.ShouldBe(ErrorCodes.Timeout);
        failure.Limit.ShouldBe(50);
        failure.Value!.Value.ShouldBeGreaterThanOrEqualTo(50);
        failure.Message.ShouldContain("50 ms");
    }

    [Fact]
    public void A_guest_that_traps_after_more_memory_was_refused_exceeded_its_memory()
    {
        var failure = Invocation.Fails("hog", [1]);

        failure.Code.ShouldBe(ErrorCodes.MemoryLimitExceeded);
        failure.Limit.ShouldBe(8 << 20);
        failure.Message.ShouldContain("8 MiB");
    }

    [Fact]
    public void An_allocator_that_was_refused_memory_exceeded_it()
    {
        var limits = Invocation.Limits with { MemoryMiB = 1, MaxPayloadBytes = 2_000_000 };

        Invocation.Of("echo", new byte[1_000_000], limits: limits with { MaxResponseBytes = 2_000_000 }).Length.ShouldBe(1_000_000);
        Invocation.Fails("echo", new byte[1_100_000], limits: limits).Code.ShouldBe(ErrorCodes.MemoryLimitExceeded);
    }

    [Fact]
    public void A_guest_that_copes_with_refused_memory_answers() => Invocation.Of("polite", []).ShouldBe([1]);

    [Fact]
    public void A_trap_after_the_modules_own_maximum_is_a_trap() => Invocation.Fails("self_limited", []).Code.ShouldBe(ErrorCodes.Trap);

    [Theory]
    [InlineData("large")]
    [InlineData("large_table")]
    public void A_module_that_starts_with_more_than_it_may_have_is_not_run(string guest)
    {
        var failure = Invocation.Fails(guest, []);

        failure.Code.ShouldBe(ErrorCodes.MemoryLimitExceeded);
        failure.Value!.Value.ShouldBeGreaterThan(failure.Limit!.Value);
    }

    [Fact]
    public void A_trap_has_its_reason_and_the_guests_calls()
    {
        var failure = Invocation.Fails("crash", []);

        failure.Code.ShouldBe(ErrorCodes.Trap);
        failure.Message.ShouldContain("out of bounds memory access");
        failure.Backtrace.ShouldBe(["innermost", "middle", "outermost"]);
    }

    [Fact]
    public void Endless_recursion_is_a_trap()
    {
        var failure = Invocation.Fails("recurse", []);

        failure.Code.ShouldBe(ErrorCodes.Trap);
        failure.Message.ShouldContain("call stack exhausted");
    }

    [Fact]
    public void A_start_function_that_traps_is_a_trap() => Invocation.Fails("start_trap", []).Code.ShouldBe(ErrorCodes.Trap);

    [Fact]
    public void A_guest_that_failed_does_no_harm_to_the_next()
    {
        foreach (var guest in new[] { "crash", "hog", "recurse", "spin", "start_trap", "allocate_beyond" })
        {
            Invocation.Fails(guest, [1], limits: Invocation.Limits with { TimeoutMs = 50 });
            Invocation.Of("echo", [1, 2, 3]).ShouldBe([1, 2, 3]);
        }
    }

    [Fact]
    public void One_module_serves_many_threads_at_once()
    {
        using var module = Guests.Compile("echo");
        var abi = new Helios1Abi();

        Parallel.For(0, 1_000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, i =>
        {
            var response = new ArrayBufferWriter<byte>();
            abi.Invoke(module, "handle", BitConverter.GetBytes(i), Invocation.Limits, response);
            BitConverter.ToInt32(response.WrittenSpan).ShouldBe(i);
        });
    }
}
