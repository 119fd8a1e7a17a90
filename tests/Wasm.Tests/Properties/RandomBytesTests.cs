using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>Bytes without any plan, and bytes that are well-formed only outside.</summary>
public sealed class RandomBytesTests
{
    private static readonly Config _config = Config.QuickThrowOnFailure.WithMaxTest(2_000).WithReplay(20_240_801, 1).WithStartSize(1).WithEndSize(300);

    [Fact]
    public void Random_bytes_are_refused() =>
        Check(Bytes.Select(bytes => bytes), bytes => Trial.Run(bytes, 0) == TrialOutcome.Refused || bytes.Length >= 8);

    [Fact]
    public void Random_bytes_behind_the_header_run_or_are_refused() =>
        Check(Bytes.Select(bytes => (byte[])[.. "\0asm"u8, 1, 0, 0, 0, .. bytes]), Runs);

    [Fact]
    public void Random_sections_run_or_are_refused() =>
        Check(
            Gen.Elements<byte>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)
                .SelectMany(id => Bytes.Select(content => (Id: id, Content: content)))
                .ArrayOf()
                .Select(sections =>
                {
                    var module = new WasmBuffer().Bytes("\0asm"u8).Int32Bits(1);
                    foreach (var (id, content) in sections)
                    {
                        module.Byte(id).Sized(new WasmBuffer().Bytes(content));
                    }

                    return module.ToArray();
                }),
            Runs);

    [Fact]
    public void Random_function_bodies_run_or_are_refused() =>
        Check(Bytes.Select(body => Function(c => c.Raw(body))), Runs);

    [Fact]
    public void Random_instructions_on_plenty_of_operands_run_or_are_refused() =>
        Check(
            Gen.Choose(0, 0xD2).ArrayOf().Select(ops => Function(c =>
            {
                foreach (var op in ops)
                {
                    c.I32(op & 3).I32(1).Emit((Op)op);
                }
            })),
            Runs);

    [Fact]
    public void Every_beginning_of_a_module_is_refused_or_runs()
    {
        foreach (var module in Corpus.Modules.Take(4))
        {
            for (var length = 0; length < module.Length; length++)
            {
                Runs(module[..length]);
            }
        }
    }

    [Fact]
    public void An_integer_written_longer_than_needed_means_the_same()
    {
        var property = Prop.ForAll(ArbMap.Default.ArbFor<int>(), value =>
        {
            var shortest = Function(c => c.I32(value).Emit(Op.Drop));
            var longest = Function(c => c.Raw([0x41, .. Padded(value)]).Emit(Op.Drop));
            return Trial.Run(shortest, 0) == TrialOutcome.Ran && Trial.Run(longest, 0) == TrialOutcome.Ran;
        });
        Watchdog.Run(() => property.Check(_config.WithMaxTest(200)), 120);

        static byte[] Padded(int value) =>
        [
            (byte)(value | 0x80), (byte)((value >> 7) | 0x80), (byte)((value >> 14) | 0x80), (byte)((value >> 21) | 0x80),
            (byte)((value >> 28) & 0x7F),
        ];
    }

    private static Gen<byte[]> Bytes => ArbMap.Default.GeneratorFor<byte[]>();

    private static byte[] Function(Action<Code> body)
    {
        var module = new ModuleBuilder();
        module.Memory(1, 2);
        module.Table(ValueKind.FuncRef, 2);
        module.Global(ValueKind.I32, true, c => c.I32(1));
        module.Function("run", [], [], c =>
        {
            c.Locals(2, ValueKind.I32);
            c.Locals(1, ValueKind.F64);
            body(c);
        });
        return module.Build();
    }

    private static bool Runs(byte[] bytes)
    {
        Trial.Run(bytes, bytes.Length);
        return true;
    }

    private static void Check(Gen<byte[]> generator, Func<byte[], bool> property) =>
        Watchdog.Run(
            () => Prop.ForAll(generator.ToArbitrary(), bytes => property(bytes)).Check(_config),
            seconds: 120);
}
