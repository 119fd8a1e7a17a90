using HeliosEdge.Sandbox.Wasi;
using HeliosEdge.Silo.Tests.Running;
using static HeliosEdge.Sandbox.SecurityTests.Attacks.Verdict;

namespace HeliosEdge.Sandbox.SecurityTests.Attacks;

/// <summary>Through WASI: <c>wasi.c</c>, whose payload names the attack.</summary>
internal static class WasiAttacks
{
    public static IEnumerable<Attack> All =>
    [
        Held("read_passwd", "errno", (int)Errno.NoEntry),
        Held("read_passwd_above", "errno", (int)Errno.NotPermitted),
        Held("read_passwd_by_link", "errno", (int)Errno.NoEntry),
        Held("descriptors", "descriptors", 1_020),
        Held("vectors", "errno", (int)Errno.Fault),
        Held("vectors_wrapping", "errno", (int)Errno.Fault),
        Held("vectors_over_themselves", "errno", (int)Errno.Fault),
        Held("large_file", "errno", (int)Errno.FileTooLarge),
        Held("far_write", "errno", (int)Errno.FileTooLarge),
        Held("file_bomb", "full after MiB", 15),
        Held("shrunk_files", "files", 200),
        Held("empty_files", "names", 1).With("maxHostCalls", 1_000_000),
        Ends("empty_files", ErrorCodes.HostCallsExceeded) with { Name = "wasi: empty_files within 10,000 calls" },
        Held("deep_directories", "deep", 1).With("maxHostCalls", 1_000_000),
        Held("long_path", "errno", (int)Errno.NameTooLong),
        Held("link_bomb", "errno", (int)Errno.Loop),
        Held("link_loop", "errno", (int)Errno.Loop),
        Held("subscriptions", "errno", (int)Errno.Invalid),
        Held("random_of_4gib", "errno", (int)Errno.Fault),
        Of("close_everything", Answers("")),
        Ends("sleep_for_ever", ErrorCodes.Timeout).With("timeoutMs", 200),
        Ends("output_bomb", ErrorCodes.ResponseTooLarge),
        Ends("error_bomb", ErrorCodes.LogLimitExceeded),
        Ends("error_bomb_of_empty_lines", ErrorCodes.LogLimitExceeded),
        Ends("heap_bomb", ErrorCodes.MemoryLimitExceeded),
        Ends("exit_code", ErrorCodes.GuestExit),
        Ends("directory_listing_for_ever", ErrorCodes.Timeout).With("timeoutMs", 300).With("maxHostCalls", 1_000_000),
    ];

    private static Attack Held(string attack, string what, long value) => Of(attack, Answers($"held: {what} {value}\n"));

    private static Attack Ends(string attack, string code) => Of(attack, Ended(code));

    private static Attack Of(string attack, Verdict verdict) =>
        (new Attack($"wasi: {attack}", () => TestSilo.Guest("hostile_wasi"), verdict) { Entry = null }).Sends(attack).With("memoryMiB", 64);
}
