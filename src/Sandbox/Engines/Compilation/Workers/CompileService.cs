using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using HeliosEdge.Sandbox.Engines.Wasmtime;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Engines.Compilation.Workers;

/// <summary>The compiler's side: compiles one module after another for the silo that started this process, until that goes away.</summary>
internal static class CompileService
{
    /// <summary>Time beyond that of a module in which its silo, which looks at it all the while, has to be heard.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>What a process is started with.</summary>
    public static string[] Arguments(CompileLimits limits, int maxModuleBytes) =>
        [.. new long[] { limits.MaxSeconds, limits.MaxMemoryBytes, limits.MaxCodeBytes, maxModuleBytes }.Select(number => number.ToString(CultureInfo.InvariantCulture))];

    /// <summary>Works until the silo closes its end.</summary>
    /// <param name="arguments">As of <see cref="Arguments"/>.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] arguments)
    {
        if (arguments.Length != 4 || !arguments.All(argument => long.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            Console.Error.WriteLine("This compiles modules for a silo, which starts it by itself.");
            return 2;
        }

        var numbers = arguments.Select(argument => long.Parse(argument, NumberStyles.None, CultureInfo.InvariantCulture)).ToArray();
        var (time, memoryBytes, codeBytes, moduleBytes) = (TimeSpan.FromSeconds(numbers[0]), numbers[1], numbers[2], numbers[3]);
        using var output = Console.OpenStandardOutput();
        using var input = Console.OpenStandardInput();
        if (!WasmtimeCompiler.TryCreate(new ModuleLimits { MaxModuleBytes = (int)moduleBytes }, out var compiler, out var reason))
        {
            CompileMessage.Of(CompileMessageKind.Unfit, reason).WriteTo(output);
            return 1;
        }

        WorkerLimits.Begin(memoryBytes);
        using var orders = new BlockingCollection<CompileMessage>();

        // On a thread of its own, so that the silo's end is noticed at once also while a module is compiled.
        new Thread(() => Listen(input, moduleBytes, orders)) { IsBackground = true, Name = "silo" }.Start();
        CompileMessage.Of(CompileMessageKind.Ready, compiler.Identity).WriteTo(output);
        foreach (var order in orders.GetConsumingEnumerable())
        {
            WorkerLimits.GiveTime(time + Grace);
            Compile(compiler, order, codeBytes).WriteTo(output);
        }

        return 0;
    }

    private static void Listen(Stream input, long maxBytes, BlockingCollection<CompileMessage> orders)
    {
        try
        {
            while (CompileMessage.TryRead(input, maxBytes) is { } order)
            {
                orders.Add(order);
            }
        }
        finally
        {
            // The compiler cannot be told to stop; the process can.
            Process.GetCurrentProcess().Kill();
        }
    }

    private static CompileMessage Compile(WasmtimeCompiler compiler, CompileMessage order, long codeBytes)
    {
        try
        {
            var code = compiler.Precompile(order.Content, order.Kind == CompileMessageKind.CompileMetered);
            return code.Length <= codeBytes
                ? new CompileMessage(CompileMessageKind.Code, code)
                : CompileMessage.Of(CompileTurn.OutOfCode(new CompileLimits { MaxCodeMiB = (int)(codeBytes >> 20) }, code.Length));
        }
        catch (SandboxException e)
        {
            return CompileMessage.Of(e);
        }
    }
}
