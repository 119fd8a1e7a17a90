using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Limits;

/// <summary>
/// A module made to hurt the compiler is compiled and runs, or is refused by a limit that the message names; it takes
/// neither the process nor a minute.
/// </summary>
[Trait("Category", "Slow")]
public sealed class CompileBombTests
{
    private static readonly Dictionary<string, Func<ModuleBuilder>> _bombs = new()
    {
        ["operands pushed, then added: 2,000"] = () => PushedThenAdded(2_000),
        ["operands pushed, then added: 20,000"] = () => PushedThenAdded(20_000),
        ["operands pushed, then added: 70,000"] = () => PushedThenAdded(70_000),
        ["operands pushed, then added: 300,000"] = () => PushedThenAdded(300_000),
        ["chain of additions: 20,000"] = () => Chain(20_000, (c, i) => c.I32(i).Emit(Op.I32Add)),
        ["chain of additions: 250,000"] = () => Chain(250_000, (c, i) => c.I32(i & 63).Emit(Op.I32Add)),
        ["chain of additions to the left"] = () => Chain(50_000, (c, i) => c.Get(0).Emit(Op.I32Add)),
        ["chain of one-operand instructions: 20,000"] = () => Chain(20_000, (c, _) => c.Emit(Op.I32Clz)),
        ["chain of one-operand instructions: 1,000,000"] = () => Chain(1_000_000, (c, _) => c.Emit(Op.I32Eqz)),
        ["chain of conversions"] = () => Chain(100_000, (c, _) => c.Emit(Op.F64ConvertI32S, Op.I64TruncF64S, Op.I32WrapI64)),
        ["chain of loads"] = () => Chain(100_000, (c, i) => c.Access(Op.I32Load, (uint)(i & 63))),
        ["chain of divisions"] = () => Chain(50_000, (c, i) => c.I32((i & 31) + 1).Emit(Op.I32DivS)),
        ["chain of tees"] = () => Chain(200_000, (c, _) => c.Tee(0)),
        ["chain of selects"] = () => Chain(50_000, (c, _) => c.Get(0).Get(0).Emit(Op.Select)),
        ["chain of calls"] = () =>
        {
            var module = Start();
            var add = module.Function(null, Kinds.Many(ValueKind.I32, 2), Kinds.I32, c => c.Get(0).Get(1).Emit(Op.I32Add));
            module.Function("run", Kinds.I32, Kinds.I32, c =>
            {
                c.Get(0);
                for (var i = 0; i < 100_000; i++)
                {
                    c.Get(0).Call(add);
                }
            });
            return module;
        },
        ["chain of vectors"] = () =>
        {
            var module = Start();
            module.Function("run", Kinds.I32, Kinds.I32, c =>
            {
                c.Get(0).Simd(17);
                for (var i = 0; i < 50_000; i++)
                {
                    c.Get(0).Simd(17).Simd(174);
                }

                c.Simd(27).Raw(0);
            });
            return module;
        },
        ["choices with results in sequence"] = () => Chain(30_000, (c, i) => c.If(t => t.I32(i & 63), e => e.Get(0), ValueKind.I32)),
        ["choices with results in each other: 1,000"] = () => Nested(1_000, choice: true),
        ["choices with results in each other: 4,000"] = () => Nested(4_000, choice: true),
        ["blocks in each other: 4,000"] = () => Nested(4_000, choice: false),
        ["loops in each other: 4,000"] = () => NestedLoops(4_000),
        ["blocks in sequence: 100,000"] = () => Sequence(100_000, (c, i) => c.Block(b => b.Get(0).BrIf(0).Get(0).I32(i & 63).Emit(Op.I32Add).Set(0))),
        ["empty blocks in sequence: 250,000"] = () => Sequence(250_000, (c, _) => c.Block(_ => { })),
        ["loops in sequence: 50,000"] = () => Sequence(50_000, (c, _) => c.Loop(l => l.I32(0).BrIf(0))),
        ["branches to one label: 200,000"] = () => Sequence(1, (c, _) => c.Block(b =>
        {
            for (var i = 0; i < 200_000; i++)
            {
                b.I32(0).BrIf(0);
            }
        })),
        ["one branch table of 65,520 labels"] = () => BranchTables(1, 65_520, 1),
        ["one branch table of 65,520 labels to 4,000 blocks"] = () => BranchTables(1, 65_520, 4_000),
        ["ten branch tables of 65,520 labels"] = () => BranchTables(10, 65_520, 1),
        ["1,000 branch tables of 1,000 labels"] = () => BranchTables(1_000, 1_000, 1),
        ["100,000 functions"] = () => Functions(100_000),
        ["50,000 locals"] = () => Locals(50_000 - 1, ValueKind.I64),
        ["50,000 vectors"] = () => Locals(50_000 - 1, ValueKind.V128),
        ["50,000 references"] = () => Locals(50_000 - 1, ValueKind.ExternRef),
        ["50,000 locals used in turn"] = () => LocalsUsed(49_000),
        ["functions of 1,000 parameters and results calling each other"] = () => Parameters(1_000),
        ["loops of 1,000 parameters in sequence"] = () => Wide((1 << 20) - 8_000, (c, type, _) => c.Emit(Op.Loop).Raw(Index(type)).Emit(Op.End)),
        ["blocks of 1,000 parameters in sequence"] = () => Wide((1 << 20) - 8_000, (c, type, _) => c.Emit(Op.Block).Raw(Index(type)).Emit(Op.End)),
        ["choices of 1,000 parameters in sequence"] = () => Wide((1 << 20) - 8_000, (c, type, _) => c.I32(0).Emit(Op.If).Raw(Index(type)).Emit(Op.End)),
        ["branches with 1,000 values"] = () => Wide((1 << 20) - 8_000, (c, type, i) =>
        {
            // Only the first opens the block; it is closed behind the last.
            _ = i == 0 ? c.Emit(Op.Block).Raw(Index(type)) : c.I32(0).BrIf(0);
        }, close: true),
        ["calls with 1,000 results"] = () => Wide((1 << 20) - 8_000, (c, _, _) => c.Block(b => Many(b, 50, (d, _) => d.Call(1)).Br(0))),
        ["calls with 1,000 parameters and results"] = () => Wide((1 << 20) - 8_000, (c, _, _) => c.Call(2)),
        ["100,000 functions of 50,000 locals"] = () =>
        {
            var module = Start();
            module.Function("run", Kinds.I32, Kinds.I32, c => c.Get(0));
            while (module.FunctionCount < 100_000)
            {
                module.Function(null, [], [], c => c.Locals(50_000, ValueKind.I64));
            }

            return module;
        },
        ["1,000 functions of 49,000 locals that are set in blocks"] = () =>
        {
            var module = Start();
            module.Function("run", Kinds.I32, Kinds.I32, c => c.Get(0));
            for (var f = 0; f < 1_000; f++)
            {
                module.Function(null, [], [], c =>
                {
                    var first = c.Locals(49_000, ValueKind.I32);
                    Many(c, 100, (b, i) => b.Block(d => d.I32(1).BrIf(0).I32(i).Set(first + (i * 490))));
                });
            }

            return module;
        },
        ["49,000 locals set inside 4,000 blocks, in each of 40 functions"] = () =>
        {
            var module = Start();
            module.Function("run", Kinds.I32, Kinds.I32, c => c.Get(0));
            for (var f = 0; f < 40; f++)
            {
                module.Function(null, Kinds.I32, Kinds.I32, c =>
                {
                    var first = c.Locals(49_000, ValueKind.I32);
                    for (var i = 0; i < 4_000; i++)
                    {
                        c.Emit(Op.Block).Raw(0x40).I32(0).BrIf(0);
                    }

                    Many(c, 49_000, (b, i) => b.I32(1).Set(first + i));
                    for (var i = 0; i < 4_000; i++)
                    {
                        c.Emit(Op.End);
                    }

                    c.Get(0);
                });
            }

            return module;
        },
        ["function just under the limit: stores"] = () => Filled((1 << 20) - 64, (c, i) => c.I32(i & 63).I32(i & 63).Access(Op.I32Store, (uint)(i & 63))),
        ["function just under the limit: locals"] = () => Filled((1 << 20) - 64, (c, i) => c.Get(i & 1).Set((i + 1) & 1)),
        ["function just under the limit: nothing"] = () => Filled((1 << 20) - 64, (c, _) => c.Emit(Op.Nop)),
        ["function just under the limit: dead code"] = () => Filled((1 << 20) - 64, (c, i) => c.Emit(i == 0 ? Op.Return : Op.Unreachable)),
        ["function just under the limit: traps"] = () => Filled((1 << 20) - 64, (c, i) => c.Get(0).Emit(Op.I32Eqz).If(t => t.Emit(Op.Unreachable))),
        ["20,000 types, imports and exports"] = Items,
        ["10,000 functions of 100 blocks"] = () =>
        {
            var module = Functions(0);
            for (var f = 0; f < 10_000; f++)
            {
                module.Function(null, Kinds.I32, Kinds.I32, c => Many(c, 100, (b, _) => b.Block(i => i.Get(0).BrIf(0))).Get(0));
            }

            return module;
        },
    };

    private static readonly Dictionary<string, (Func<ModuleBuilder> Bomb, int Limit, int? Value)> _refused = new()
    {
        ["50,001 locals"] = (() => Locals(50_000, ValueKind.I32), 50_000, 50_001),
        ["blocks in each other: 4,097"] = (() => Nested(4_097, choice: false), 4_096, null),
        ["loops in each other: 4,097"] = (() => NestedLoops(4_097), 4_096, null),
        ["choices in each other: 4,097"] = (() => Nested(4_097, choice: true), 4_096, null),
        ["a branch table of 65,521 labels"] = (() => BranchTables(1, 65_521, 1), 65_520, 65_521),
        ["100,001 functions"] = (() => Functions(100_001), 100_000, 100_001),
        ["1,001 parameters"] = (() => Parameters(1_001), 1_000, 1_001),
        ["10,000 parameters"] = (() => Parameters(10_000), 1_000, 10_000),
    };

    public static TheoryData<string> Bombs => [.. _bombs.Keys];

    public static TheoryData<string> Refused => [.. _refused.Keys];

    [Theory]
    [MemberData(nameof(Bombs))]
    public void It_is_compiled_and_runs_or_is_refused_by_a_limit(string name)
    {
        var bytes = _bombs[name]().Build();
        Watchdog.Run(() =>
        {
            try
            {
                using var guest = new Guest(bytes, (linker, _) => Define(linker));
                guest.Call("ok").ShouldBe(1);
                guest.Invoke("run", WasmValue.FromI32(1));
            }
            catch (InvalidModuleException exception)
            {
                exception.Fault.ShouldBe(ModuleFault.LimitExceeded, exception.Message);
                exception.Message.ShouldContain(character => char.IsAsciiDigit(character));
            }
            catch (TrapException trap)
            {
                // A frame larger than the stack may be refused when it is entered.
                trap.Code.ShouldBe(TrapCode.StackExhausted);
            }
        });
    }

    [Theory]
    [InlineData("chain of one-operand instructions: 20,000")]
    [InlineData("chain of additions: 20,000")]
    [InlineData("chain of loads")]
    [InlineData("chain of selects")]
    [InlineData("chain of calls")]
    [InlineData("operands pushed, then added: 20,000")]
    [InlineData("choices with results in sequence")]
    [InlineData("choices with results in each other: 4,000")]
    [InlineData("blocks in each other: 4,000")]
    [InlineData("loops in each other: 4,000")]
    [InlineData("50,000 locals")]
    [InlineData("50,000 vectors")]
    public void It_does_not_take_the_process_on_a_small_stack_either(string name)
    {
        var bytes = _bombs[name]().Build();
        Watchdog.Run(
            () =>
            {
                try
                {
                    using var guest = new Guest(bytes, (linker, _) => Define(linker));
                    guest.Call("ok").ShouldBe(1);
                    guest.Invoke("run", WasmValue.FromI32(1));
                }
                catch (InvalidModuleException exception)
                {
                    exception.Fault.ShouldBe(ModuleFault.LimitExceeded, exception.Message);
                }
                catch (TrapException trap)
                {
                    trap.Code.ShouldBe(TrapCode.StackExhausted);
                }
            },
            stackBytes: 256 * 1024);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void It_is_refused_with_the_limit_and_the_value(string name)
    {
        var (bomb, limit, value) = _refused[name];
        var bytes = bomb().Build();
        Watchdog.Run(() =>
        {
            foreach (var compile in new Action[] { () => Module.Compile(bytes).Dispose(), () => Module.Validate(bytes) })
            {
                var exception = Should.Throw<InvalidModuleException>(compile);
                exception.Fault.ShouldBe(ModuleFault.LimitExceeded, exception.Message);
                exception.Offset.ShouldBeInRange(1, bytes.Length);
                var message = exception.Message.Replace(",", "", StringComparison.Ordinal);
                message.ShouldContain($"{limit}");
                if (value is not null)
                {
                    message.ShouldContain($"{value}");
                }
            }
        });
    }

    [Fact]
    public void A_function_of_5_MiB_is_refused_by_default_and_compiled_where_the_limit_is_raised()
    {
        const int Size = 5 << 20;
        var bytes = Filled(Size, (c, i) => c.Get(0).I32(i & 63).Emit(Op.I32Add).Set(0)).Build();
        Watchdog.Run(() =>
        {
            var exception = Should.Throw<InvalidModuleException>(() => Module.Compile(bytes).Dispose());
            exception.Fault.ShouldBe(ModuleFault.LimitExceeded);
            exception.Message.Replace(",", "", StringComparison.Ordinal).ShouldContain($"{1 << 20}");
            var options = new CompileOptions { Limits = new ModuleLimits { MaxFunctionBytes = 8 << 20, MaxFunctionCodeBytes = 16 << 20 } };
            using var guest = new Guest(bytes, options: options);
            guest.Call("ok").ShouldBe(1);
        });
    }

    [Fact]
    public void A_module_larger_than_its_limit_is_refused_before_it_is_read()
    {
        var bytes = new byte[1_001];
        var options = new CompileOptions { Limits = new ModuleLimits { MaxModuleBytes = 1_000 } };
        var exception = Should.Throw<InvalidModuleException>(() => Module.Compile(bytes, options).Dispose());
        exception.Fault.ShouldBe(ModuleFault.LimitExceeded);
        exception.Message.Replace(",", "", StringComparison.Ordinal).ShouldContain("1000");
        exception.Message.Replace(",", "", StringComparison.Ordinal).ShouldContain("1001");
    }

    [Fact]
    public void Counts_that_the_bytes_do_not_bear_out_cost_no_memory()
    {
        // Each section claims as many items as a u32 can say and has none.
        byte[] count = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
        foreach (var section in new byte[] { 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12 })
        {
            byte[] bytes = [.. "\0asm"u8, 1, 0, 0, 0, section, 5, .. count];
            Refused(bytes);
        }

        // A type with 4 G parameters, a body with 4 G runs of locals, one with 4 G x 4 G locals, a name of 4 GiB.
        Refused([.. "\0asm"u8, 1, 0, 0, 0, 1, 7, 1, 0x60, .. count]);
        Refused([.. "\0asm"u8, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 7, 1, 5, .. count]);
        Refused([.. "\0asm"u8, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 16, 1, 14, 2, .. count, 0x7F, .. count, 0x7F, 0x0B]);
        Refused([.. "\0asm"u8, 1, 0, 0, 0, 2, 6, 1, .. count]);
        Refused([.. "\0asm"u8, 1, 0, 0, 0, 0, 5, .. count]);

        // A branch table of 4 G labels.
        Refused([.. "\0asm"u8, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 12, 1, 10, 0, 0x41, 0, 0x0E, .. count, 0x0B]);

        static void Refused(byte[] bytes)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Should.Throw<InvalidModuleException>(() => Module.Compile(bytes).Dispose());
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(8 << 20, Convert.ToHexString(bytes));
        }
    }

    private static void Define(Linker linker)
    {
        for (var i = 0; i < 10; i++)
        {
            linker.DefineFunction("env", $"{i}", () => { });
        }
    }

    private static ModuleBuilder Start()
    {
        var module = new ModuleBuilder();
        module.Memory(1);
        module.Function("ok", [], Kinds.I32, c => c.I32(1));
        return module;
    }

    private static Code Many(Code code, int count, Action<Code, int> each)
    {
        for (var i = 0; i < count; i++)
        {
            each(code, i);
        }

        return code;
    }

    private static ModuleBuilder Chain(int count, Action<Code, int> link)
    {
        var module = Start();
        module.Function("run", Kinds.I32, Kinds.I32, c => Many(c.Get(0), count, link));
        return module;
    }

    private static ModuleBuilder Sequence(int count, Action<Code, int> item)
    {
        var module = Start();
        module.Function("run", Kinds.I32, Kinds.I32, c => Many(c, count, item).Get(0));
        return module;
    }

    private static ModuleBuilder PushedThenAdded(int count)
    {
        var module = Start();
        module.Function("run", Kinds.I32, Kinds.I32, c =>
        {
            Many(c.Get(0), count, (b, _) => b.Get(0));
            Many(c, count, (b, _) => b.Emit(Op.I32Add));
        });
        return module;
    }

    private static ModuleBuilder Nested(int depth, bool choice)
    {
        var module = Start();
        module.Function("run", Kinds.I32, Kinds.I32, c =>
        {
            for (var i = 0; i < depth; i++)
            {
                if (choice)
                {
                    c.Get(0);
                }

                c.Emit(choice ? Op.If : Op.Block).Raw((byte)ValueKind.I32);
            }

            c.Get(0);
            for (var i = 0; i < depth; i++)
            {
                if (choice)
                {
                    c.Emit(Op.Else).I32(i & 63);
                }

                c.Emit(Op.End);
            }
        });
        return module;
    }

    private static ModuleBuilder NestedLoops(int depth)
    {
        var module = Start();
        module.Function("run", Kinds.I32, Kinds.I32, c =>
        {
            for (var i = 0; i < depth; i++)
            {
                c.Emit(Op.Loop).Raw(0x40);
            }

            for (var i = 0; i < depth; i++)
            {
                c.I32(0).BrIf(i % (depth - i)).Emit(Op.End);
            }

            c.Get(0);
        });
        return module;
    }

    private static ModuleBuilder BranchTables(int tables, int labels, int blocks)
    {
        var module = Start();
        var targets = new int[labels];
        for (var i = 0; i < labels; i++)
        {
            targets[i] = i % blocks;
        }

        module.Function("run", Kinds.I32, Kinds.I32, c =>
        {
            for (var t = 0; t < tables; t++)
            {
                for (var i = 0; i < blocks; i++)
                {
                    c.Emit(Op.Block).Raw(0x40);
                }

                c.Get(0).BrTable(targets, 0);
                for (var i = 0; i < blocks; i++)
                {
                    c.Emit(Op.End);
                }
            }

            c.Get(0);
        });
        return module;
    }

    private static ModuleBuilder Functions(int count)
    {
        var module = Start();
        module.Function("run", Kinds.I32, Kinds.I32, c => c.Get(0));
        while (module.FunctionCount < count)
        {
            var value = module.FunctionCount;
            module.Function(null, Kinds.I32, Kinds.I32, c => c.Get(0).I32(value).Emit(Op.I32Add));
        }

        return module;
    }

    // The parameter is a local too.
    private static ModuleBuilder Locals(int count, ValueKind kind)
    {
        var module = Start();
        module.Function("run", Kinds.I32, Kinds.I32, c =>
        {
            c.Locals((uint)count, kind);
            c.Get(0);
        });
        return module;
    }

    private static ModuleBuilder LocalsUsed(int count)
    {
        var module = Start();
        module.Function("run", Kinds.I32, Kinds.I32, c =>
        {
            var first = c.Locals((uint)count, ValueKind.I32);
            Many(c, count, (b, i) => b.Get(first + i).Get(0).Emit(Op.I32Add).Set(first + ((i * 7) % count)));
            c.Get(first + count - 1);
        });
        return module;
    }

    private static ModuleBuilder Parameters(int count)
    {
        var module = Start();
        var kinds = Kinds.Many(ValueKind.I64, count);
        var last = module.Function(null, kinds, kinds, c => Many(c, count, (b, i) => b.Get(i)));
        for (var f = 0; f < 10; f++)
        {
            var callee = last;
            last = module.Function(null, kinds, kinds, c => Many(c, count, (b, i) => b.Get(count - 1 - i)).Call(callee));
        }

        module.Function("run", Kinds.I32, Kinds.I32, c =>
        {
            Many(c, count, (b, i) => b.I64(i)).Call(last);
            Many(c, count, (b, _) => b.Emit(Op.Drop)).I32(1);
        });
        return module;
    }

    private static ModuleBuilder Filled(int bytes, Action<Code, int> item)
    {
        var module = Start();
        module.Function("run", Kinds.I32, [], c =>
        {
            c.Local(ValueKind.I32);
            for (var i = 0; c.Instructions.Length < bytes - 32; i++)
            {
                item(c, i);
            }
        });
        return module;
    }

    /// <summary>A function with 1,000 operands on its stack while the items run; function 1 gives so many, function 2 passes them on.</summary>
    private static ModuleBuilder Wide(int bytes, Action<Code, int, int> item, bool close = false)
    {
        var module = Start();
        var kinds = Kinds.Many(ValueKind.I64, 1_000);
        module.Function(null, [], kinds, c => Many(c, 1_000, (b, i) => b.I64(i)));
        module.Function(null, kinds, kinds, c => Many(c, 1_000, (b, i) => b.Get(i)));
        var type = module.Type(kinds, kinds);
        module.Function("run", Kinds.I32, Kinds.I32, c =>
        {
            c.Call(1);
            for (var i = 0; c.Instructions.Length < bytes; i++)
            {
                item(c, type, i);
            }

            if (close)
            {
                c.Emit(Op.End);
            }

            Many(c, 1_000, (b, _) => b.Emit(Op.Drop)).I32(1);
        });
        return module;
    }

    private static byte[] Index(int type) => new WasmBuffer().Signed(type).ToArray();

    private static ModuleBuilder Items()
    {
        var module = new ModuleBuilder();
        for (var i = 0; i < 20_000; i++)
        {
            ValueKind[] kinds = [.. Enumerable.Range(0, 15).Select(bit => ((i >> bit) & 1) == 0 ? ValueKind.I32 : ValueKind.F64)];
            module.Type(kinds, []);
            module.ImportFunction("env", $"{i % 10}", [], []);
        }

        module.Function("ok", [], Kinds.I32, c => c.I32(1));
        var run = module.Function("run", Kinds.I32, [], c => c.Call(0).Call(19_999));
        for (var i = 0; i < 20_000; i++)
        {
            module.Export($"export {i}", 0, run);
            module.Global(ValueKind.I64, true, c => c.I64(i));
        }

        return module;
    }
}
