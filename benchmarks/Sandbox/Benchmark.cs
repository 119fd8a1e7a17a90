using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Engines.Wasmtime;
using HeliosEdge.Sandbox.Memory;
using Spectre.Console;

namespace HeliosEdge.Benchmarks.Sandbox;

/// <summary>Takes all the measurements and prints them beside what is aimed at.</summary>
internal sealed class Benchmark
{
    private const int CallsInBatch = 200;
    private const int ChecksInBatch = 10_000;
    private const int BlocksInBatch = 16;
    private const int BlockBytes = 64;

    private readonly int _rounds;
    private readonly ManagedEngine _managed = new();
    private readonly WasmtimeEngine? _wasmtime;
    private readonly IAnsiConsole _console;
    private readonly Table _table = new Table().Border(TableBorder.Rounded);
    private bool _agreed = true;

    public Benchmark(int rounds)
    {
        _rounds = rounds;
        _console = AnsiConsole.Create(new AnsiConsoleSettings());
        _console.Profile.Width = Math.Max(_console.Profile.Width, 160);
        if (!WasmtimeEngine.TryCreate(limits: null, out _wasmtime, out var reason))
        {
            Console.Error.WriteLine($"Without libwasmtime: {reason}.");
        }
    }

    /// <summary>Runs it; 1 where two ways of calling a guest got different answers.</summary>
    public int Run()
    {
        _console.WriteLine(
            $"{RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} processors, {RuntimeInformation.ProcessArchitecture}");
        _table.AddColumn(new TableColumn("what").NoWrap());
        _table.AddColumn(new TableColumn("measured").NoWrap().RightAligned());
        _table.AddColumn(new TableColumn("target").NoWrap().RightAligned());
        _table.AddColumn(new TableColumn(string.Empty).NoWrap());
        MeasureEcho();
        MeasureOrders("orders", "64 KiB of memory");
        MeasureOrders("orders_large", "1.1 MiB of memory");
        MeasureMemoryChecks();
        MeasureMemoryHeld();
        _console.Write(_table);
        return _agreed ? 0 : 1;
    }

    private void MeasureEcho()
    {
        var guest = Guest.Echo();
        var runners = RunnersOf(guest);
        CheckAnswers(runners, guest, guest.Payload);
        var times = Measurement.EachCall(runners, guest.Payload, _rounds, CallsInBatch);
        for (var i = 0; i < runners.Count; i++)
        {
            var (median, tail) = (Measurement.Percentile(times[i], 0.5) / 1_000, Measurement.Percentile(times[i], 0.99) / 1_000);
            Add($"echo of 1 KiB, fresh instance, {runners[i].Name}: p50", median, "0.00 µs", i == 0 ? 10 : null);
            Add($"echo of 1 KiB, fresh instance, {runners[i].Name}: p99", tail, "0.00 µs", null);
        }

        var response = new ArrayBufferWriter<byte>(2 * guest.Payload.Length);
        foreach (var runner in runners)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < CallsInBatch; i++)
            {
                response.ResetWrittenCount();
                runner.Invoke(guest.Payload, response);
            }

            var bytes = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / CallsInBatch;
            Add($"managed bytes allocated for it, {runner.Name}", bytes, "0 B", runner == runners[0] ? 1_024 : null);
        }

        Dispose(runners);
    }

    private void MeasureOrders(string name, string kind)
    {
        var guest = Guest.Orders(name);
        var runners = RunnersOf(guest);
        CheckAnswers(runners, guest, expected: null);
        var response = new ArrayBufferWriter<byte>(2 * guest.Payload.Length);
        var times = Measurement.Batches(
            [.. runners.Select(runner => (Action)(() =>
            {
                for (var i = 0; i < CallsInBatch; i++)
                {
                    response.ResetWrittenCount();
                    runner.Invoke(guest.Payload, response);
                }
            }))],
            _rounds,
            CallsInBatch);
        for (var i = 0; i < runners.Count; i++)
        {
            Add($"JSON of 1 KiB changed, {kind}, {runners[i].Name}", Measurement.Median(times[i]) / 1_000, "0.00 µs", null);
        }

        for (var i = 1; i < runners.Count; i++)
        {
            Add(
                $"  {runners[0].Name} over {runners[i].Name}",
                Measurement.Ratio(times[0], times[i]) - 1,
                "+0.0 %;-0.0 %",
                runners[i] is BareRunner ? 0.05 : null);
        }

        Dispose(runners);
    }

    private void MeasureMemoryChecks()
    {
        var guest = Guest.Echo();
        using var runner = new SandboxRunner("sandbox", _managed, guest.Wasm);
        using var instance = runner.Hold(guest.Payload);
        var memory = new GuestMemory(instance, new EscapeDetector("bench", "eu-west", new EscapeLedger()), tracker: new AllocationTracker());
        void Check()
        {
            for (uint i = 1; i <= ChecksInBatch; i++)
            {
                memory.Check(i, 32);
            }
        }

        Measurement.WarmUp(Check);
        var checks = Measurement.Batches([Check], _rounds, ChecksInBatch)[0];
        Add("validation of a pointer and length", Measurement.Median(checks), "0.0 ns", 50);

        var blocks = new uint[BlocksInBatch];
        void AllocateTracked()
        {
            foreach (ref var block in blocks.AsSpan())
            {
                block = memory.Allocate(BlockBytes);
            }
        }

        void FreeTracked()
        {
            foreach (var block in blocks)
            {
                memory.Deallocate(block, BlockBytes);
            }
        }

        void AllocateAlone()
        {
            foreach (ref var block in blocks.AsSpan())
            {
                block = (uint)instance.Call("__wasm_allocate", BlockBytes);
            }
        }

        void FreeAlone()
        {
            foreach (var block in blocks)
            {
                instance.Run("__wasm_deallocate", (int)block, BlockBytes);
            }
        }

        Action[] steps = [AllocateTracked, FreeTracked, AllocateAlone, FreeAlone];
        Measurement.WarmUp(() => Array.ForEach(steps, step => step()));
        var tracked = new double[_rounds * 100];
        var alone = new double[_rounds * 100];
        for (var round = 0; round < tracked.Length; round++)
        {
            var times = steps.Select(step => Measurement.Batches([step], 1, BlocksInBatch)[0][0]).ToArray();
            (tracked[round], alone[round]) = (times[0], times[2]);
        }

        Add("a tracked allocation, without the guest's own allocator", Measurement.Median(tracked) - Measurement.Median(alone), "0.0 ns", 200);
        Add("  the guest's own allocator", Measurement.Median(alone), "0.0 ns", null);
    }

    private void MeasureMemoryHeld()
    {
        var (sandbox, engine) = (MemoryHeld.Measure(sandbox: true), MemoryHeld.Measure(sandbox: false));
        Add("memory of a live instance, sandbox", sandbox / 1_024, "0.0 KiB", null);
        Add("memory of a live instance, engine", engine / 1_024, "0.0 KiB", null);
        Add("  sandbox over engine", (sandbox / engine) - 1, "+0.0 %;-0.0 %", 0.10);
    }

    private List<IRunner> RunnersOf(Guest guest)
    {
        var runners = new List<IRunner>
        {
            new SandboxRunner("sandbox", _managed, guest.Wasm),
            new BareRunner(guest.Wasm, reset: true),
            new BareRunner(guest.Wasm, reset: false),
        };
        if (_wasmtime is not null)
        {
            runners.Add(new SandboxRunner("sandbox on libwasmtime", _wasmtime, guest.Wasm));
        }

        var response = new ArrayBufferWriter<byte>(2 * guest.Payload.Length);
        foreach (var runner in runners)
        {
            Measurement.WarmUp(() =>
            {
                response.ResetWrittenCount();
                runner.Invoke(guest.Payload, response);
            });
        }

        return runners;
    }

    private void CheckAnswers(List<IRunner> runners, Guest guest, byte[]? expected)
    {
        foreach (var runner in runners)
        {
            var response = new ArrayBufferWriter<byte>(2 * guest.Payload.Length);
            runner.Invoke(guest.Payload, response);
            expected ??= response.WrittenSpan.ToArray();
            if (!response.WrittenSpan.SequenceEqual(expected))
            {
                _agreed = false;
                Console.Error.WriteLine($"{runner.Name} answers {guest.Name} otherwise than {runners[0].Name}.");
            }
        }
    }

    private void Add(string what, double measured, string format, double? target)
    {
        var reached = target is { } most ? measured <= most ? "reached" : "missed" : string.Empty;
        _table.AddRow(
            what,
            measured.ToString(format, CultureInfo.InvariantCulture),
            target is { } limit ? "≤ " + limit.ToString(format, CultureInfo.InvariantCulture) : string.Empty,
            reached);
    }

    private static void Dispose(List<IRunner> runners) => runners.ForEach(runner => runner.Dispose());
}
