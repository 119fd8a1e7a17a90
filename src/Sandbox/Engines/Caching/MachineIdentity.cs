using System.Runtime.InteropServices;
using Arm = System.Runtime.Intrinsics.Arm;
using X86 = System.Runtime.Intrinsics.X86;

namespace HeliosEdge.Sandbox.Engines.Caching;

/// <summary>What compiled code depends on besides the engine: the runtime's version, the system, and the processor's features.</summary>
internal static class MachineIdentity
{
    public static string Current { get; } =
        $"{Environment.Version} {RuntimeInformation.RuntimeIdentifier} {RuntimeInformation.ProcessArchitecture} {string.Join('+', Features())}";

    private static IEnumerable<string> Features()
    {
        (string Name, bool IsSupported)[] features =
        [
            ("sse4.2", X86.Sse42.IsSupported),
            ("avx", X86.Avx.IsSupported),
            ("avx2", X86.Avx2.IsSupported),
            ("avx512f", X86.Avx512F.IsSupported),
            ("avx512bw", X86.Avx512BW.IsSupported),
            ("avx512dq", X86.Avx512DQ.IsSupported),
            ("avx512vl", X86.Avx512F.VL.IsSupported),
            ("avx512vbmi", X86.Avx512Vbmi.IsSupported),
            ("fma", X86.Fma.IsSupported),
            ("bmi1", X86.Bmi1.IsSupported),
            ("bmi2", X86.Bmi2.IsSupported),
            ("lzcnt", X86.Lzcnt.IsSupported),
            ("popcnt", X86.Popcnt.IsSupported),
            ("aes", X86.Aes.IsSupported),
            ("advsimd", Arm.AdvSimd.IsSupported),
            ("dp", Arm.Dp.IsSupported),
            ("rdm", Arm.Rdm.IsSupported),
            ("crc32", Arm.Crc32.IsSupported),
        ];
        return features.Where(feature => feature.IsSupported).Select(feature => feature.Name);
    }
}
