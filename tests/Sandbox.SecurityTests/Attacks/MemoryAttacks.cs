using static HeliosEdge.Sandbox.SecurityTests.Attacks.Attack;
using static HeliosEdge.Sandbox.SecurityTests.Attacks.Verdict;

namespace HeliosEdge.Sandbox.SecurityTests.Attacks;

/// <summary>On linear memory, tables and responses: <c>memory.wat</c>, <c>table.wat</c>, <c>responses.wat</c>, <c>payload_allocator.wat</c>.</summary>
internal static class MemoryAttacks
{
    public static IEnumerable<Attack> All =>
    [
        By("memory", "read_at_4gib", Ended(ErrorCodes.Trap)),
        By("memory", "read_beyond_32_bits", Ended(ErrorCodes.Trap)),
        By("memory", "read_wrapping", Ended(ErrorCodes.Trap)),
        By("memory", "read_across_the_end", Ended(ErrorCodes.Trap)),
        By("memory", "write_behind_the_end", Ended(ErrorCodes.Trap)),
        By("memory", "write_before_the_start", Ended(ErrorCodes.Trap)),
        By("memory", "vector_across_the_end", Ended(ErrorCodes.Trap)),
        By("memory", "fill_wrapping", Ended(ErrorCodes.Trap)),
        By("memory", "copy_wrapping", Ended(ErrorCodes.Trap)),
        By("memory", "init_dropped", Ended(ErrorCodes.Trap)),
        By("memory", "grow_bomb", Ended(ErrorCodes.MemoryLimitExceeded)),
        By("memory", "grow_to_4gib", Ended(ErrorCodes.MemoryLimitExceeded)),
        By("memory", "grow_by_a_negative_number", Answers(-2)),
        By("memory", "take_10_mib", Ended(ErrorCodes.MemoryLimitExceeded)).With("memoryMiB", 1),
        By("memory", "take_10_mib", Answers(160)).With("memoryMiB", 10) with { Name = "memory: take_10_mib with a limit of 10" },
        By("memory", "touch_everything", Ended(ErrorCodes.MemoryLimitExceeded)).With("memoryMiB", 256),
        By("memory", "fill_forever", Ended(ErrorCodes.Timeout)).With("timeoutMs", 200),
        By("memory", "copy_forever", Ended(ErrorCodes.Timeout)).With("timeoutMs", 200),
        By("memory", "grow_nothing_forever", Ended(ErrorCodes.Timeout)).With("timeoutMs", 200),
        By("memory", "leave_secrets", Answers(1)),
        By("memory", "leave_secrets_in_place", Answers(1)),
        By("memory", "probe_secrets", Answers(0)),
        By("table", "call_beyond", Ended(ErrorCodes.Trap)),
        By("table", "call_negative", Ended(ErrorCodes.Trap)),
        By("table", "call_null", Ended(ErrorCodes.Trap)),
        By("table", "call_as_another_type", Ended(ErrorCodes.Trap)),
        By("table", "fill_wrapping", Ended(ErrorCodes.Trap)),
        By("table", "init_dropped", Ended(ErrorCodes.Trap)),
        By("table", "set_beyond", Ended(ErrorCodes.Trap)),
        By("table", "grow_bomb", Ended(ErrorCodes.Trap)),
        By("table", "grow_to_4g", Answers(-1)),
        By("table", "copy_forever", Ended(ErrorCodes.Timeout)).With("timeoutMs", 200),
        By("table", "fill_forever", Ended(ErrorCodes.Timeout)).With("timeoutMs", 200),
        By("responses", "everything", Ended(ErrorCodes.CorruptedResponse)),
        By("responses", "length_of_4gib", Ended(ErrorCodes.CorruptedResponse)),
        By("responses", "at_4gib", Ended(ErrorCodes.CorruptedResponse)),
        By("responses", "wraps_to_the_start", Ended(ErrorCodes.CorruptedResponse)),
        By("responses", "one_byte_too_long", Ended(ErrorCodes.CorruptedResponse)),
        By("responses", "empty_behind_the_end", Ended(ErrorCodes.CorruptedResponse)),
        By("responses", "sign_bit", Ended(ErrorCodes.CorruptedResponse)),
        By("responses", "in_memory_that_was_refused", Ended(ErrorCodes.CorruptedResponse)),
        By("responses", "too_long", Ended(ErrorCodes.ResponseTooLarge)),
        By("responses", "all_of_a_grown_memory", Answers(new byte[8 << 16])),
        Sized(1, "no room for the payload", Ended(ErrorCodes.CorruptedResponse)),
        Sized(2, "room at -1", Ended(ErrorCodes.CorruptedResponse)),
        Sized(3, "room across the end", Ended(ErrorCodes.CorruptedResponse)),
        Sized(4, "room at 2 GiB", Ended(ErrorCodes.CorruptedResponse)),
        Sized(5, "never returns", Ended(ErrorCodes.Timeout)).With("timeoutMs", 200),
        Sized(6, "traps", Ended(ErrorCodes.Trap)),
        Sized(7, "recurses without end", Ended(ErrorCodes.Trap)),
        Sized(8, "takes all memory first", Ended(ErrorCodes.MemoryLimitExceeded)),
        Sized(9, "room at the very end", Answers(new byte[9])),
    ];

    private static Attack Sized(int size, string name, Verdict verdict) =>
        By("payload_allocator", "handle", verdict) with { Name = $"payload_allocator: {name}", Payload = new byte[size] };
}
