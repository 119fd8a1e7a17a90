using static HeliosEdge.Sandbox.SecurityTests.Attacks.Attack;
using static HeliosEdge.Sandbox.SecurityTests.Attacks.Verdict;

namespace HeliosEdge.Sandbox.SecurityTests.Attacks;

/// <summary>Through host functions, and on the stack and the time that they take: <c>pointers.wat</c>, <c>stack.wat</c>, <c>loops.wat</c>.</summary>
internal static class HostCallAttacks
{
    private const int InvalidPointer = -2;
    private const int InvalidUtf8 = -3;
    private const int TooLong = -4;
    private const int Failed = -5;
    private const int NullOutPointer = -6;
    private const int NullOutLength = -7;
    private const int AllocationFailed = -8;

    public static IEnumerable<Attack> All =>
    [
        Pointer("out_null", Answers(NullOutPointer)),
        Pointer("out_misaligned", Answers(InvalidPointer)),
        Pointer("out_at_the_end", Answers(InvalidPointer)),
        Pointer("out_wrapping", Answers(InvalidPointer)),
        Pointer("out_just_inside", Answers(0)),
        Pointer("out_length_null", Answers(NullOutLength)),
        Pointer("out_length_at_4gib", Answers(InvalidPointer)),
        Pointer("out_and_length_the_same", Answers(3)),
        Pointer("out_over_the_key", Answers(0)),
        Pointer("block_over_the_out_pointers", Answers(0)),
        Pointer("allocator_over_the_key", Answers(3)),
        Pointer("memory_grows_under_the_host", Answers(0x79656B)),
        Pointer("text_null", Answers(InvalidPointer)),
        Pointer("text_wrapping", Answers(InvalidPointer)),
        Pointer("text_of_4gib", Answers(TooLong)),
        Pointer("text_one_too_long", Answers(TooLong)),
        Pointer("text_broken", Answers(InvalidUtf8)),
        Pointer("text_forging_lines", Answers(0)),
        Pointer("level_out_of_range", Answers(0)),
        Pointer("log_bomb", Ended(ErrorCodes.LogLimitExceeded)),
        Pointer("log_bomb_of_empty_lines", Ended(ErrorCodes.HostCallsExceeded)),
        Pointer("log_bomb_of_empty_lines", Ended(ErrorCodes.LogLimitExceeded)).With("maxHostCalls", 100_000)
            with { Name = "pointers: log_bomb_of_empty_lines with 100,000 calls" },
        Pointer("host_call_bomb", Ended(ErrorCodes.HostCallsExceeded)),
        Pointer("walls_probed", Ended(ErrorCodes.SandboxViolation)),
        Pointer("walls_probed_by_the_allocator", Ended(ErrorCodes.SandboxViolation)),
        Pointer("random_of_4gib", Answers(TooLong)),
        Pointer("random_across_the_end", Answers(InvalidPointer)),
        Pointer("key_empty", Answers(Failed)),
        Pointer("key_too_long", Answers(TooLong)),
        Pointer("key_broken", Answers(InvalidUtf8)),
        Pointer("value_too_long", Answers(TooLong)),
        Pointer("value_across_the_end", Answers(InvalidPointer)),
        Pointer("keys_without_end", Answers(64)).With("timeoutMs", 30_000),
        Pointer("list_with_prefix_of_4gib", Answers(TooLong)),
        Pointer("block_too_large", Answers(AllocationFailed)),
        Pointer("block_of_4gib", Answers(AllocationFailed)),
        Pointer("blocks_without_end", Answers(57)),
        Pointer("block_handed_out_twice", Ended(ErrorCodes.OverlappingAllocation)),
        Pointer("block_half_in_another", Ended(ErrorCodes.OverlappingAllocation)),
        Pointer("block_of_no_room", Answers(AllocationFailed)),
        Pointer("block_behind_the_end", Answers(InvalidPointer)),
        Pointer("block_across_the_end", Answers(InvalidPointer)),
        Pointer("block_out_pointer_at_the_end", Answers(InvalidPointer)),
        Pointer("free_twice", Ended(ErrorCodes.DoubleFree)),
        Pointer("free_unknown", Ended(ErrorCodes.UnknownAllocation)),
        Pointer("free_the_middle", Ended(ErrorCodes.UnknownAllocation)),
        Pointer("free_with_another_size", Ended(ErrorCodes.AllocationSizeMismatch)),
        Pointer("free_null", Answers(InvalidPointer)),
        Pointer("free_4gib", Answers(InvalidPointer)),
        Pointer("forged_headers", Answers(0)),
        Pointer("block_with_old_bytes", Answers(0)),
        Pointer("leak", Answers(1000)),

        Stack("recursion", Ended(ErrorCodes.Trap)),
        Stack("indirect_recursion", Ended(ErrorCodes.Trap)),
        Stack("recursion_with_host_calls", Ended(ErrorCodes.Trap)),
        Stack("allocator_that_allocates", Ended(ErrorCodes.Trap)),
        Stack("allocator_that_recurses", Ended(ErrorCodes.Trap)),
        Stack("allocator_that_traps", Ended(ErrorCodes.Trap)),
        Stack("deallocator_that_deallocates", Ended(ErrorCodes.Trap)),
        Stack("deallocator_that_frees_twice", Ended(ErrorCodes.DoubleFree)),
        Stack("query_at_depth", Answers(0)).Sends($"SELECT {new string('(', 900)}1{new string(')', 900)}"),
        Stack("query_at_depth", Answers(Failed)).Sends($"SELECT {string.Concat(Enumerable.Repeat("(SELECT ", 40))}1{new string(')', 40)}")
            with { Name = "stack: query_at_depth, nested selects" },

        Loop("empty_loop"),
        Loop("branch_table_loop"),
        Loop("float_loop"),
        Loop("calls_without_a_loop"),
        Loop("host_calls_without_end").With("maxHostCalls", 1_000_000),
        Loop("allocator_never_returns"),
        Loop("deallocator_never_returns"),
        Loop("allocator_never_returns_to_a_read"),
        By("loop_in_start", "handle", Ended(ErrorCodes.Timeout)).Granted("edge").With("timeoutMs", 200),
    ];

    private static Attack Pointer(string entry, Verdict verdict) => By("pointers", entry, verdict).Granted("edge");

    private static Attack Stack(string entry, Verdict verdict) => By("stack", entry, verdict).Granted("edge");

    private static Attack Loop(string entry) => By("loops", entry, Ended(ErrorCodes.Timeout)).Granted("edge").With("timeoutMs", 200);
}
