using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Engines.Managed;

internal sealed class ManagedModule : ICompiledModule
{
    // Measured, see FootprintTests: what the runtime sets up for each load context, and what it adds for methods.
    private const int MappingsOfContext = 13;
    private const int FunctionsInMapping = 400;
    private const long BytesOfContext = 96 << 10;
    private const long BytesOfImageByte = 6;

    private static readonly Linker NoImports = new();
    private static readonly ConditionalWeakTable<HostFunctionSet, Linker> Linkers = [];

    private readonly Module _module;
    private readonly InstancePool _pool = new();
    private readonly bool _metered;
    private readonly bool _hasStart;
    private readonly HashSet<(string Name, string Type)> _functions;

    public ManagedModule(Module module, bool metered)
    {
        _module = module;
        _metered = metered;
        _hasStart = module.HasStart;
        Imports = [.. module.Imports.Select(import => new ModuleImport(import.Module, import.Name, Translate(import.Kind), import.Type))];
        Exports = [.. module.Exports.Select(export => new ModuleExport(export.Name, Translate(export.Kind), export.Type))];
        _functions = [.. Exports.Where(export => export.Kind == ExternalKind.Function).Select(export => (export.Name, export.Type))];
        Footprint = new ModuleFootprint(
            MappingsOfContext + (module.Definition.Bodies.Count / FunctionsInMapping), Descriptors: 0, BytesOfContext + (BytesOfImageByte * module.ImageBytes));
        MemoryExport = Exports.FirstOrDefault(export => export.Kind == ExternalKind.Memory)?.Name;
    }

    public ImmutableArray<ModuleImport> Imports { get; }

    public ImmutableArray<ModuleExport> Exports { get; }

    public ModuleFootprint Footprint { get; }

    internal string? MemoryExport { get; }

    public IGuestInstance Instantiate(in InstanceLimits limits, HostFunctionSet? imports = null, object? state = null)
    {
        RequireMetered(limits, _metered);
        var kind = InstanceKind.Of(limits, imports);
        var warm = _pool.TryTake(kind);
        var store = warm?.Store ?? new Store(new StoreLimits
        {
            MaxMemoryBytes = limits.MaxMemoryBytes,
            MaxTableElements = limits.MaxTableElements,
            MaxStackBytes = limits.MaxStackBytes,
        });
        ManagedInstance? instance = null;
        try
        {
            store.Fuel = limits.Fuel ?? long.MaxValue;
            warm ??= new WarmInstance(kind, store, imports is null ? NoImports : Linkers.GetValue(imports, HostFunctionBinding.Link), _module, MemoryExport);
            instance = new ManagedInstance(warm, this, limits.Fuel, imports is not null, state);
            store.SetDeadline(limits.Deadline);
            (state as IGuestState)?.Enter(instance.EnteredAt);
            instance.StopOn(limits.Cancellation);
            if (_hasStart)
            {
                instance.Start();
            }

            return instance;
        }
        catch (TrapException e)
        {
            Discard(instance, warm, store);
            throw ManagedInstance.Translate(e, limits.Fuel);
        }
        catch (ResourceLimitException e)
        {
            Discard(instance, warm, store);
            throw new SandboxException(
                ErrorCodes.MemoryLimitExceeded, $"The module starts with more than it may have: {e.Message}.", e)
            {
                Limit = e.Maximum,
                Value = e.Requested,
            };
        }
        catch (OutOfMemoryException e)
        {
            Discard(instance, warm, store);
            IdleInstances.Clear();
            throw new SandboxException(ErrorCodes.Overloaded, $"The system has no memory for an instance at the moment: {e.Message}", e);
        }
        catch (LinkException e)
        {
            Discard(instance, warm, store);
            throw new SandboxException(ErrorCodes.InvalidModule, $"The module cannot be instantiated: {e.Message}.", e);
        }
        catch
        {
            Discard(instance, warm, store);
            throw;
        }
    }

    public long MostMemoryBytes(long limit) =>
        _module.Definition.Memories.Skip(_module.Definition.ImportedMemories)
            .Sum(memory => memory.Maximum is { } pages ? Math.Min((long)pages * LinearMemory.PageBytes, limit) : limit);

    internal bool HasFunction(string name, string type) => _functions.Contains((name, type));

    /// <summary>The type of an exported function, taken apart.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    internal FunctionSignature SignatureOf(string export) => SignatureOf(Exports, export);

    /// <summary>Ends an invocation's hold on an instance.</summary>
    internal void TakeBack(WarmInstance instance, bool isReusable)
    {
        if (isReusable && instance.Instance.IsResettable)
        {
            _pool.Return(instance);
        }
        else
        {
            instance.Dispose();
        }
    }

    internal InstancePool Pool => _pool;

    public void Dispose()
    {
        _pool.Dispose();
        LingeringCode.Add(_module, Footprint);
        _module.Dispose();
    }

    private static void Discard(ManagedInstance? instance, WarmInstance? warm, Store store)
    {
        instance?.RunOn();
        if (warm is null)
        {
            store.Dispose();
        }
        else
        {
            warm.Dispose();
        }
    }

    internal static void RequireMetered(in InstanceLimits limits, bool metered)
    {
        if (limits.Fuel is { } fuel)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(fuel, nameof(limits));
            if (!metered)
            {
                throw new ArgumentException("Fuel is only for modules that were compiled to be metered.", nameof(limits));
            }
        }
    }

    internal static FunctionSignature SignatureOf(ImmutableArray<ModuleExport> exports, string name) =>
        exports.FirstOrDefault(export => export.Name == name && export.Kind == ExternalKind.Function) is { } function
            ? FunctionSignature.Parse(function.Type)
            : throw new ArgumentException($"The guest exports no function \"{name}\".", nameof(name));

    /// <summary>All of them, since each of a module's memories has the limit for itself.</summary>
    internal static ExternalKind Translate(ExternKind kind) => kind switch
    {
        ExternKind.Function => ExternalKind.Function,
        ExternKind.Table => ExternalKind.Table,
        ExternKind.Memory => ExternalKind.Memory,
        ExternKind.Global => ExternalKind.Global,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
