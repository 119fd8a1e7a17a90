namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>How far a module came.</summary>
internal enum TrialOutcome
{
    Refused,
    DidNotLink,
    TrappedAtStart,
    Ran,
}

/// <summary>
/// Takes bytes as far as they go: compile, link with stubs, call every export. Only documented exceptions are caught;
/// whatever else comes out is a defect of the engine.
/// </summary>
internal static class Trial
{
    public const uint MaxMemoryPages = 64;
    public const uint MaxTableElements = 10_000;

    private const int MostExports = 40;
    private const int MostInterruptions = 3;

    private static readonly StoreLimits _limits = new()
    {
        MaxMemoryBytes = MaxMemoryPages * 65_536L,
        MaxTableElements = MaxTableElements,
        MaxStackBytes = 256 * 1024,
    };

    /// <summary>Runs the trial; the number chooses the compile options and the arguments.</summary>
    public static TrialOutcome Run(byte[] bytes, int choice)
    {
        var random = new Random(choice);
        var options = random.Next(4) switch
        {
            0 => new CompileOptions { MeterFuel = true },
            1 => new CompileOptions { MeterFuel = true, Interruptible = false },
            _ => new CompileOptions(),
        };
        Module module;
        try
        {
            module = Module.Compile(bytes, options);
        }
        catch (InvalidModuleException refusal)
        {
            Agree(bytes, options, refusal);
            return TrialOutcome.Refused;
        }

        using (module)
        using (var store = new Store(_limits))
        {
            Module.Validate(bytes, options);
            return Run(module, bytes, store, options, random);
        }
    }

    private static TrialOutcome Run(Module module, byte[] bytes, Store store, CompileOptions options, Random random)
    {
        Instance instance;
        Refill(store, options);
        try
        {
            instance = ImportStubs.For(module, bytes, store).Instantiate(store, module);
        }
        catch (Exception exception) when (exception is LinkException or ResourceLimitException)
        {
            return TrialOutcome.DidNotLink;
        }
        catch (TrapException)
        {
            return TrialOutcome.TrappedAtStart;
        }

        var interruptions = 0;
        foreach (var export in module.Exports.Where(export => export.Kind == ExternKind.Function).Take(MostExports))
        {
            var arguments = export.FunctionType!.Parameters.Select(kind => Argument(kind, random)).ToArray();
            Refill(store, options);
            try
            {
                var results = instance.GetFunction(export.Name)!.Invoke(arguments);
                if (!results.Select(result => result.Kind).SequenceEqual(export.FunctionType.Results))
                {
                    throw new InvalidOperationException($"{export.Name} gave [{string.Join(", ", results)}] for {export.FunctionType}.");
                }
            }
            catch (TrapException trap)
            {
                if (trap.Code is TrapCode.Interrupted or TrapCode.OutOfFuel && ++interruptions == MostInterruptions)
                {
                    break;
                }
            }
        }

        return TrialOutcome.Ran;
    }

    private static void Refill(Store store, CompileOptions options)
    {
        store.Fuel = 1_000_000;
        if (options.Interruptible)
        {
            store.SetDeadline(TimeSpan.FromMilliseconds(30));
        }
    }

    private static void Agree(byte[] bytes, CompileOptions options, InvalidModuleException refusal)
    {
        if (refusal.Offset < 0 || refusal.Offset > bytes.Length)
        {
            throw new InvalidOperationException($"The refusal's offset lies outside the {bytes.Length} bytes: {refusal.Message}");
        }

        try
        {
            Module.Validate(bytes, options);
        }
        catch (InvalidModuleException)
        {
            return;
        }

        throw new InvalidOperationException($"Validation accepts what compilation refuses: {refusal.Message}");
    }

    private static WasmValue Argument(ValueKind kind, Random random) => (kind, random.Next(4)) switch
    {
        (_, 0) => WasmValue.Default(kind),
        (ValueKind.I32, 1) => WasmValue.FromI32(random.Next(100)),
        (ValueKind.I32, 2) => WasmValue.FromI32(-1),
        (ValueKind.I32, _) => WasmValue.FromI32(random.Next(int.MinValue, int.MaxValue)),
        (ValueKind.I64, 1) => WasmValue.FromI64(random.Next(100)),
        (ValueKind.I64, 2) => WasmValue.FromI64(long.MinValue),
        (ValueKind.I64, _) => WasmValue.FromI64(random.NextInt64()),
        (ValueKind.F32, 1) => WasmValue.FromF32(float.NaN),
        (ValueKind.F32, _) => WasmValue.FromF32((float)((random.NextDouble() - 0.5) * 1e12)),
        (ValueKind.F64, 1) => WasmValue.FromF64(double.NegativeInfinity),
        (ValueKind.F64, _) => WasmValue.FromF64((random.NextDouble() - 0.5) * 1e20),
        (ValueKind.ExternRef, _) => WasmValue.FromExternRef("a host's object"),
        _ => WasmValue.Default(kind),
    };
}
