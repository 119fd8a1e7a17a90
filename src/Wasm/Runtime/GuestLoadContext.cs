using System.Reflection;
using System.Runtime.Loader;

namespace HeliosEdge.Wasm.Runtime;

/// <summary>Where the code of one module is loaded, apart from all other code, so that it can be unloaded.</summary>
internal sealed class GuestLoadContext : AssemblyLoadContext
{
    private static readonly Assembly Engine = typeof(GuestLoadContext).Assembly;

    // Weak: the module refers to its loaded code, and a context that holds on to its own code is never unloaded.
    private readonly WeakReference<Module> _module;

    public GuestLoadContext(Module module)
        : base("helios-guest", isCollectible: true)
    {
        _module = new WeakReference<Module>(module);
    }

    /// <summary>Whether an exception was thrown by compiled guest code itself and not by a host function.</summary>
    public static bool Threw(Exception exception) => Of(exception.TargetSite) is not null;

    /// <summary>The module that a method was compiled from, or null where it is not a guest's.</summary>
    public static Module? ModuleOf(MethodBase? method) => Of(method) is { } context && context._module.TryGetTarget(out var module) ? module : null;

    private static GuestLoadContext? Of(MethodBase? method) =>
        method is null ? null : GetLoadContext(method.Module.Assembly) as GuestLoadContext;

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName) => assemblyName.Name == Engine.GetName().Name ? Engine : null;
}
