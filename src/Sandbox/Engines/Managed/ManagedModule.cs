using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Engines.Managed;

internal sealed class ManagedModule : ICompiledModule
{
    private static readonly Linker NoImports = new();
    private static readonly ConditionalWeakTable<HostFunctionSet, Linker> Linkers = [];

    private readonly Module _module;
    private readonly bool _metered;
    private readonly HashSet<(string Name, string Type)> _functions;

    public ManagedModule(Module module, bool metered)
    {
        _module = module;
        _metered = metered;
        Imports = [.. module.Imports.Select(import => new ModuleImport(import.Module, import.Name, Translate(import.Kind), import.Type))];
        Exports = [.. module.Exports.Select(export => new ModuleExport(export.Name, Translate(export.Kind), export.Type))];
        _functions = [.. Exports.Where(export => export.Kind == ExternalKind.Function).Select(export => (export.Name, export.Type))];
        MemoryExport = Exports.FirstOrDefault(export => export.Kind == ExternalKind.Memory)?.Name;
    }

    public ImmutableArray<ModuleImport> Imports { get; }

    public ImmutableArray<ModuleExport> Exports { get; }

    internal string? MemoryExport { get; }

    public IGuestInstance Instantiate(in InstanceLimits limits, HostFunctionSet? imports = null, object? state = null)
    {
        RequireMetered(limits, _metered);
        var store = new Store(new StoreLimits
        {
            MaxMemoryBytes = limits.MaxMemoryBytes,
            MaxTableElements = limits.MaxTableElements,
            MaxStackBytes = limits.MaxStackBytes,
        });
        try
        {
            store.Fuel = limits.Fuel ?? long.MaxValue;
            store.SetDeadline(limits.Deadline);
            var instance = new ManagedInstance(store, this, limits.Fuel, imports is not null, state);
            instance.Start(imports is null ? NoImports : Linkers.GetValue(imports, HostFunctionBinding.Link), _module);
            return instance;
        }
        catch (TrapException e)
        {
            store.Dispose();
            throw ManagedInstance.Translate(e, limits.Fuel);
        }
        catch (ResourceLimitException e)
        {
            store.Dispose();
            throw new SandboxException(
                ErrorCodes.MemoryLimitExceeded, $"The module starts with more than it may have: {e.Message}.", e)
            {
                Limit = e.Maximum,
                Value = e.Requested,
            };
        }
        catch (LinkException e)
        {
            store.Dispose();
            throw new SandboxException(ErrorCodes.InvalidModule, $"The module can not be instantiated: {e.Message}.", e);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    internal bool HasFunction(string name, string type) => _functions.Contains((name, type));

    public void Dispose() => _module.Dispose();

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

    internal static ExternalKind Translate(ExternKind kind) => kind switch
    {
        ExternKind.Function => ExternalKind.Function,
        ExternKind.Table => ExternalKind.Table,
        ExternKind.Memory => ExternalKind.Memory,
        ExternKind.Global => ExternalKind.Global,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
