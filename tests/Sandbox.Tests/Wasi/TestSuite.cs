namespace HeliosEdge.Sandbox.Tests.Wasi;

/// <summary>
/// The official WASI test suite's programs for wasm32-wasip1, where HELIOS_WASI_TESTSUITE names a checkout with built programs (the
/// suite's branch prod/testsuite-base has them). None of it is part of this repository.
/// </summary>
internal static class TestSuite
{
    private const string Variable = "HELIOS_WASI_TESTSUITE";

    public static string? Checkout => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } checkout ? checkout : null;

    /// <summary>Why its tests are left out, or null where they run.</summary>
    public static string? WhySkipped =>
        Checkout is null ? $"{Variable} names no checkout of the WASI test suite's branch prod/testsuite-base; nothing was run." : null;
}
