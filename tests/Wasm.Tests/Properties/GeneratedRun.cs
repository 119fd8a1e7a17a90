using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>
/// What came of a call, in bytes that every engine writes alike: why it trapped (0: not), a hash of memory, and what <c>finish</c> says.
/// </summary>
internal static class GeneratedRecord
{
    public const int Bytes = Header + ModuleGenerator.RecordBytes;
    public const int Header = 8;

    /// <summary>The trap that stands for anything that no code has.</summary>
    public const int OtherTrap = 99;

    public static void Write(Span<byte> record, int trap, ReadOnlySpan<byte> memory)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record, trap);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Hash(memory));
    }

    public static int Trap(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt32LittleEndian(record);

    /// <summary>How many NaNs a canonical module saw.</summary>
    public static int Witness(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt32LittleEndian(record[(Header + ModuleGenerator.WitnessOffset)..]);

    /// <summary>Whether the call grew memory or a table, which only another instance takes back.</summary>
    public static bool Grew(ReadOnlySpan<byte> record)
    {
        var sizes = record[(Header + ModuleGenerator.SizesOffset)..];
        return BinaryPrimitives.ReadUInt32LittleEndian(sizes) != ModuleGenerator.FunctionElements
            || BinaryPrimitives.ReadUInt32LittleEndian(sizes[4..]) != ModuleGenerator.ObjectElements
            || BinaryPrimitives.ReadUInt32LittleEndian(sizes[8..]) != ModuleGenerator.Pages;
    }

    // Each step can be undone, so that no single change is lost; reference.js does the same in WebAssembly.
    internal static uint Hash(ReadOnlySpan<byte> memory)
    {
        var (a, b) = (Vector128.Create(1), Vector128.Create(2));
        var (c, d) = (Vector128.Create(3), Vector128.Create(4));
        for (; memory.Length >= 64; memory = memory[64..])
        {
            a = (a ^ Vector128.Create<byte>(memory[..16]).AsInt32()) * 0x01000193;
            b = (b ^ Vector128.Create<byte>(memory[16..32]).AsInt32()) * 0x01000193;
            c = (c ^ Vector128.Create<byte>(memory[32..48]).AsInt32()) * 0x01000193;
            d = (d ^ Vector128.Create<byte>(memory[48..64]).AsInt32()) * 0x01000193;
        }

        var all = (((((a * 31) ^ b) * 31) ^ c) * 31) ^ d;
        return (uint)((((((all[0] * 31) ^ all[1]) * 31) ^ all[2]) * 31) ^ all[3]);
    }
}

/// <summary>Runs generated modules on our engine.</summary>
internal static class GeneratedRun
{
    private static readonly object[] _objects = [new(), new(), new()];

    public static byte[] Records(GeneratedModule generated, CompileOptions options)
    {
        using var module = Module.Compile(generated.Bytes, options);
        return Records(module, generated.Functions, reuse: true);
    }

    /// <summary>The records of all functions, each with every input.</summary>
    /// <param name="module">The module, compiled.</param>
    /// <param name="functions">Its functions.</param>
    /// <param name="reuse">Whether an instance serves more than one call where nothing of a call stays in it.</param>
    public static byte[] Records(Module module, IReadOnlyList<GeneratedFunction> functions, bool reuse) =>
        Records(module, functions.Select((function, number) => (number, function)), reuse, _ => { });

    /// <summary>The records of chosen functions.</summary>
    /// <param name="module">The module, compiled.</param>
    /// <param name="chosen">The functions and their numbers.</param>
    /// <param name="reuse">Whether an instance serves more than one call where nothing of a call stays in it.</param>
    /// <param name="begins">Is told each function's number before it runs.</param>
    public static byte[] Records(Module module, IEnumerable<(int Number, GeneratedFunction Function)> chosen, bool reuse, Action<int> begins)
    {
        using var records = new MemoryStream();
        var running = new Running(module);
        foreach (var (function, (results, needsNew)) in chosen)
        {
            begins(function);
            for (var input = 0; input < ModuleGenerator.Inputs; input++)
            {
                if (running.Call(function, input, results, records) || needsNew || !reuse)
                {
                    running.Dispose();
                    running = new Running(module);
                }
            }
        }

        running.Dispose();
        return records.ToArray();
    }

    /// <summary>As <see cref="Records(Module, IReadOnlyList{GeneratedFunction}, bool)"/>, in one instance that is reset behind each call.</summary>
    public static byte[] RecordsWithResets(Module module, IReadOnlyList<GeneratedFunction> functions)
    {
        using var records = new MemoryStream();
        using var running = new Running(module);
        for (var function = 0; function < functions.Count; function++)
        {
            for (var input = 0; input < ModuleGenerator.Inputs; input++)
            {
                running.Call(function, input, functions[function].Results, records);
                running.Reset();
            }
        }

        return records.ToArray();
    }

    private sealed class Running : IDisposable
    {
        private readonly Store _store = new() { Fuel = long.MaxValue / 2 };
        private readonly Instance _instance;
        private readonly Func<int, int, int, object?> _run;
        private readonly LinearMemory _memory;
        private readonly Action _finish;
        private readonly byte[] _record = new byte[GeneratedRecord.Bytes];

        public Running(Module module)
        {
            var linker = new Linker();
            linker.DefineFunction("host", "number", (object? value) => Array.IndexOf(_objects, value));
            linker.DefineFunction("host", "object", (int number) => _objects[number]);
            _instance = linker.Instantiate(_store, module);
            _memory = _instance.GetMemory(ModuleGenerator.Memory)!;
            var run = _instance.GetFunction(ModuleGenerator.Run)!;
            var finish = _instance.GetFunction(ModuleGenerator.Finish)!;
            _run = (function, input, results) => run.Invoke(WasmValue.FromI32(function), WasmValue.FromI32(input), WasmValue.FromI32(results));
            _finish = () => finish.Invoke();
        }

        /// <summary>Whether the instance is no longer as it was.</summary>
        public bool Call(int function, int input, int results, Stream records)
        {
            var trap = 0;
            try
            {
                _run(function, input, results);
            }
            catch (TrapException exception)
            {
                trap = (int)exception.Code + 1;
            }

            GeneratedRecord.Write(_record, trap, _memory.Slice(0, (int)_memory.Length));
            _finish();
            _memory.Slice(0, ModuleGenerator.RecordBytes).CopyTo(_record.AsSpan(GeneratedRecord.Header));
            records.Write(_record);
            return GeneratedRecord.Grew(_record);
        }

        public void Reset()
        {
            if (!_instance.TryReset())
            {
                throw new InvalidOperationException("The instance was not reset.");
            }

            _instance.Start();
        }

        public void Dispose() => _store.Dispose();
    }
}
