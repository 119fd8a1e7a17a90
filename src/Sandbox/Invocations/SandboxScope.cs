using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.Invocations;

/// <summary>What all invocations of a registered function in one region have in common; made once, so that each invocation is cheap.</summary>
/// <param name="function">The function's name.</param>
/// <param name="region">Where it runs.</param>
/// <param name="profile">What it may do.</param>
/// <param name="limits">What each invocation may use.</param>
/// <param name="services">What its host functions work with.</param>
/// <param name="settings">What its registration gives it to read; null for nothing.</param>
/// <param name="own">What this call has beside the services; null for nothing.</param>
public sealed class SandboxScope(
    string function,
    string region,
    SecurityProfile profile,
    ResourceLimits limits,
    HostServiceSet services,
    GuestSettings? settings = null,
    IHostService? own = null)
{
    /// <summary>The function's name.</summary>
    public string Function { get; } = function;

    /// <summary>Where it runs.</summary>
    public string Region { get; } = region;

    /// <summary>What it may do.</summary>
    public SecurityProfile Profile { get; } = profile;

    /// <summary>What each invocation may use.</summary>
    public ResourceLimits Limits { get; } = limits;

    /// <summary>What its host functions work with.</summary>
    public HostServiceSet Services { get; } = services;

    /// <summary>What its registration gives it to read.</summary>
    public GuestSettings Settings { get; } = settings ?? GuestSettings.None;

    /// <summary>Finds a service: what the call has of its own, else one of the silo's; null where there is none.</summary>
    /// <typeparam name="T">Its interface.</typeparam>
    public T? Find<T>()
        where T : class, IHostService => own as T ?? Services.Find<T>();

    /// <summary>The same function, in a call that has something of its own.</summary>
    public SandboxScope Having(IHostService service) => new(Function, Region, Profile, Limits, Services, Settings, service);

    /// <summary>The same function with more environment variables; one of the registration's is never replaced.</summary>
    public SandboxScope With(IEnumerable<KeyValuePair<string, string>> variables)
    {
        var stated = Settings.Environment;
        return new(Function, Region, Profile, Limits, Services, Settings with
        {
            Environment = [.. stated, .. variables.Where(variable => !stated.Any(set => set.Key == variable.Key))],
        }, own);
    }

    /// <summary>The same function with other limits.</summary>
    public SandboxScope Within(ResourceLimits other) => new(Function, Region, Profile, other, Services, Settings, own);
}
