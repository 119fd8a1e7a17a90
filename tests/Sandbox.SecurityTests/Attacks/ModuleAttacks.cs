using System.Net;
using HeliosEdge.Silo.Tests.Running;
using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm;
using static HeliosEdge.Sandbox.SecurityTests.Attacks.Verdict;

namespace HeliosEdge.Sandbox.SecurityTests.Attacks;

/// <summary>By the shape of the module itself: too much for a compiler, or not what it says.</summary>
internal static class ModuleAttacks
{
    private static readonly Verdict Invalid = Refused(ErrorCodes.InvalidModule);
    private static readonly Verdict TooMuchToCompile = Refused(ErrorCodes.CompileLimitExceeded);

    public static IEnumerable<Attack> All =>
    [
        Of("no module", () => "<html>"u8.ToArray(), Invalid),
        Of("a component", () => [0, (byte)'a', (byte)'s', (byte)'m', 0x0D, 0, 1, 0], Invalid),
        Of("only a header", () => [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0], Invalid),
        Of("cut in the middle", () => TestSilo.Guest("echo")[..60], Invalid),
        Of("17 MiB", () => Guest(m => m.Custom("x", new byte[17 << 20]), Empty), Refused(ErrorCodes.ModuleTooLarge, HttpStatusCode.RequestEntityTooLarge)),
        Of("15 MiB of nothing", () => Guest(m => m.Custom("x", new byte[15 << 20]), Empty), Answers("")),
        Of("a section of 4 GiB", () => [.. Header, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], Invalid),
        Of("4 billion types", () => [.. Header, 1, 5, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], Invalid),
        Of("a number without end", () => [.. Header, 1, 20, .. Enumerable.Repeat((byte)0x80, 20)], Invalid),
        Of("200,000 types", () => [.. Header, 1, .. Vector(200_000, [0x60, 0, 0])], Invalid) with { OnManaged = TooMuchToCompile },
        Of("200,000 imports", () => [.. Header, 1, 4, 1, 0x60, 0, 0, 2, .. Vector(200_000, [1, (byte)'a', 1, (byte)'b', 0, 0])], Invalid) with { OnManaged = TooMuchToCompile },
        Of("50,000 imports with long names", () => Imports(50_000, new string('i', 200)), Invalid),
        Of("200,000 functions", () => [.. Header, 1, 4, 1, 0x60, 0, 0, 3, .. Vector(200_000, [0]), 10, .. Vector(200_000, [2, 0, 0x0B])], TooMuchToCompile),
        Of("4 billion locals", () => Guest(_ => { }, c => { c.Locals(uint.MaxValue, ValueKind.I64); Empty(c); }), Invalid),
        Of("locals that overflow", () => Guest(_ => { }, c => { c.Locals(uint.MaxValue, ValueKind.I64); c.Locals(2, ValueKind.I64); Empty(c); }), Invalid),
        Of("50,000 locals and recursion", () => Recursive(49_000), Ended(ErrorCodes.Trap)),
        Of("blocks 100,000 deep", () => Guest(_ => { }, c => Empty(c.Raw(Repeat(100_000, 0x02, 0x40)).Raw(Repeat(100_000, 0x0B)))), Answers("")) with { OnManaged = TooMuchToCompile },
        Of("blocks 4,000 deep", () => Guest(_ => { }, c => Empty(c.Raw(Repeat(4_000, 0x02, 0x40)).Raw(Repeat(4_000, 0x0B)))), Answers("")),
        Of("loops 4,000 deep", () => Guest(_ => { }, c => Empty(c.Raw(Repeat(4_000, 0x03, 0x40)).Raw(Repeat(4_000, 0x0B)))), Answers("")),
        Of("a branch table of 65,520", () => BranchTable(65_519), Answers("")),
        Of("a branch table of a million", () => BranchTable(1_000_000), Invalid) with { OnManaged = TooMuchToCompile },
        Of("a function of 2 MiB", () => Guest(_ => { }, c => Empty(c.Raw(Repeat(2 << 20, (byte)Op.Nop)))), Answers("")) with { OnManaged = TooMuchToCompile },
        Of("500,000 operators in a row", () => Guest(_ => { }, c => Empty(c.I32(0).Raw(Repeat(500_000, 0x45)).Emit(Op.Drop))), Answers("")),
        Of("40,000 operands at once", () => Guest(_ => { }, c => Empty(c.Raw(Repeat(40_000, 0x41, 1)).Raw(Repeat(39_999, 0x6A)).Emit(Op.Drop))), Answers("")),
        Of("1,000 parameters and results, passed on without end", Wide, Ended(ErrorCodes.Trap)),
        Of("1,001 parameters", () => [.. Header, 1, .. Sized([1, 0x60, 0xE9, 0x07, .. Repeat(1_001, 0x7F), 0])], Invalid) with { OnManaged = TooMuchToCompile },
        Of("20,000 functions, each compiled at its first call", ManyCalls, Ended(ErrorCodes.Timeout), ("timeoutMs", 200)),
        Of("a function that takes long to compile", LongToCompile, Ended(ErrorCodes.Timeout), ("timeoutMs", 200)),
        Of("30,000 fills of 64 MiB without a loop", FillsInARow, Ended(ErrorCodes.Timeout), ("timeoutMs", 200)),
        Of("names of a MiB", () => Named(new string('n', 1 << 20)), Ended(ErrorCodes.Trap)),
        Of("names with control characters", () => Named("\u001b[2J\r\nHTTP/1.1 200 OK\r\n\"}\0\u202e"), Ended(ErrorCodes.Trap)),
        Of("a broken name section", () => Guest(m => m.Custom("name", [1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1, 0]), Empty), Answers("")),
        Of("data behind the end of the memory", () => Guest(m => m.Data(65_535, 1, 2), Empty), Ended(ErrorCodes.Trap)),
        Of("data at a negative address", () => Guest(m => m.Data(-1, 1, 2), Empty), Ended(ErrorCodes.Trap)),
        Of("90,000 data segments", () => Guest(m => { for (var i = 0; i < 90_000; i++) { m.Data(i & 0xFFF, 1); } }, Empty), Answers("")),
        Of("elements behind the end of the table", () => Guest(m => { m.Table(ValueKind.FuncRef, 1); m.Elements(1, 0); }, Empty), Ended(ErrorCodes.Trap)),
        Of("starts with 4 GiB of memory", () => Bare(65_536, m => { }), Refused(ErrorCodes.MemoryLimitExceeded)),
        Of("starts with 10 MiB where 1 MiB is allowed", () => Bare(160, m => { }), Refused(ErrorCodes.MemoryLimitExceeded), ("memoryMiB", 1)),
        Of("two memories", () => Bare(1, m => m.Memory(1)), Answers("")) with { OnManaged = Invalid },
        Of("a memory that is a function", NoMemory, Invalid),
        Of("two exports of one name", () => Guest(m => m.Export("handle", 0, 0), Empty), Invalid),
        Of("an import that its profile does not grant", () => Importing("heliosdb", "log", [ValueKind.I32, ValueKind.I32, ValueKind.I32], [ValueKind.I32]), Refused(ErrorCodes.CapabilityDenied)),
        Of("an import of another type", () => Importing("heliosdb", "log", [ValueKind.I64], []), Invalid),
        Of("file access without WASI", () => Importing("heliosdb", "file_read", [ValueKind.I32], [ValueKind.I32]), Invalid),
        Of("a memory of the host's", () => { var m = new ModuleBuilder(); m.ImportMemory("heliosdb", "memory", 1); return m.Build(); }, Invalid),
    ];

    private static byte[] Header => [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];

    private static Attack Of(string name, Func<byte[]> module, Verdict verdict, params (string Limit, long Value)[] limits)
    {
        var attack = new Attack($"module: {name}", module, verdict);
        foreach (var (limit, value) in limits)
        {
            attack = attack.With(limit, value);
        }

        return attack;
    }

    private static void Empty(Code c) => c.I64(0);

    private static byte[] Repeat(int count, params byte[] bytes)
    {
        var all = new byte[count * bytes.Length];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = bytes[i % bytes.Length];
        }

        return all;
    }

    private static byte[] Sized(byte[] content) => new WasmBuffer().Unsigned((ulong)content.Length).Bytes(content).ToArray();

    private static byte[] Vector(int count, byte[] item) =>
        Sized(new WasmBuffer().Unsigned((ulong)count).Bytes(Repeat(count, item)).ToArray());

    /// <summary>A module of helios-1 with something more, and a body for its entry.</summary>
    private static byte[] Guest(Action<ModuleBuilder> more, Action<Code> entry) => Bare(
        1,
        m => more(m),
        entry);

    private static byte[] Bare(uint pages, Action<ModuleBuilder> more, Action<Code>? entry = null)
    {
        var m = new ModuleBuilder();
        m.Memory(pages, export: "memory");
        m.Function("__wasm_allocate", [ValueKind.I32], [ValueKind.I32], c => c.I32(1_024));
        m.Function("__wasm_deallocate", [ValueKind.I32, ValueKind.I32], [], _ => { });
        m.Function("handle", [ValueKind.I32, ValueKind.I32], [ValueKind.I64], entry ?? Empty);
        more(m);
        return m.Build();
    }

    private static byte[] Importing(string module, string name, ValueKind[] parameters, ValueKind[] results)
    {
        var m = new ModuleBuilder();
        m.ImportFunction(module, name, parameters, results);
        m.Memory(1, export: "memory");
        m.Function("__wasm_allocate", [ValueKind.I32], [ValueKind.I32], c => c.I32(1_024));
        m.Function("__wasm_deallocate", [ValueKind.I32, ValueKind.I32], [], _ => { });
        m.Function("handle", [ValueKind.I32, ValueKind.I32], [ValueKind.I64], Empty);
        return m.Build();
    }

    private static byte[] Imports(int count, string name)
    {
        var m = new ModuleBuilder();
        for (var i = 0; i < count; i++)
        {
            m.ImportFunction("heliosdb", $"{name}{i}", [], []);
        }

        return m.Build();
    }

    private static byte[] NoMemory()
    {
        var m = new ModuleBuilder();
        m.Memory(1);
        m.Function("memory", [], [], _ => { });
        m.Function("__wasm_allocate", [ValueKind.I32], [ValueKind.I32], c => c.I32(1_024));
        m.Function("__wasm_deallocate", [ValueKind.I32, ValueKind.I32], [], _ => { });
        m.Function("handle", [ValueKind.I32, ValueKind.I32], [ValueKind.I64], Empty);
        return m.Build();
    }

    private static byte[] Recursive(uint locals) => Guest(
        m => m.Function(null, [], [ValueKind.I64], c => c.Get(c.Locals(locals, ValueKind.I64)).Call(3).Emit(Op.I64Add)),
        c => c.Call(3));

    private static byte[] BranchTable(int labels) => Guest(_ => { }, c => Empty(c.Block(b => b.Get(0).BrTable(new int[labels], 0))));

    private static byte[] Named(string name) => Guest(
        m => m.Function(null, [ValueKind.I32], [], c => c.Get(0).If(t => t.Get(0).I32(1).Emit(Op.I32Sub).Call(3), e => e.Emit(Op.Unreachable)), name),
        c => Empty(c.I32(100).Call(3)));

    private static byte[] Wide()
    {
        var kinds = Enumerable.Repeat(ValueKind.I64, 1_000).ToArray();
        void Pass(Code c)
        {
            for (var i = 0; i < kinds.Length; i++)
            {
                c.Get(i);
            }

            c.Call(3);
        }

        return Guest(
            m => m.Function(null, kinds, kinds, Pass),
            c =>
            {
                c.Raw(Repeat(1_000, 0x42, 1)).Call(3);
                for (var i = 0; i < 999; i++)
                {
                    c.Emit(Op.Drop);
                }
            });
    }

    private static byte[] ManyCalls() => Guest(
        m =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var next = 4 + i;
                m.Function(null, [ValueKind.I32], [ValueKind.I32], c => c.Get(0).I32(next).Emit(Op.I32Mul).I32(next).Emit(Op.I32Xor));
            }
        },
        c => c.Loop(l =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                l.Get(0).Call(3 + i).Set(0);
            }

            l.Br(0);
        }).Emit(Op.Unreachable));

    private static byte[] LongToCompile() => Guest(
        m => m.Function(null, [ValueKind.I64], [ValueKind.I64], c =>
        {
            var locals = Enumerable.Range(0, 200).Select(_ => c.Local(ValueKind.I64)).ToArray();
            for (var i = 0; i < 20_000; i++)
            {
                var (a, b) = (locals[i * 7 % 200], locals[i * 13 % 200]);
                c.Get(a).Get(b).Emit(Op.I64Add).Get(0).Emit(Op.I64Xor).Tee(a).Emit(Op.I64Eqz).If(t => t.Get(b).Set(a));
            }

            c.Get(locals[0]);
        }),
        c => c.Loop(l => l.I64(1).Call(3).Emit(Op.Drop).Br(0)).Emit(Op.Unreachable));

    private static byte[] FillsInARow() => Bare(
        1_000,
        _ => { },
        c =>
        {
            for (var i = 0; i < 30_000; i++)
            {
                c.I32(0).I32(1).I32(1_000 << 16).Raw(0xFC, 11, 0);
            }

            Empty(c);
        });
}
