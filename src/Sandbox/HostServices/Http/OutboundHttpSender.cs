using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>Whose request it is, and what it may.</summary>
/// <param name="Function">The function's name.</param>
/// <param name="Region">Where it runs.</param>
/// <param name="AllowedHosts">The hosts that it may reach; empty for none.</param>
/// <param name="MaxRequests">The requests that the function may have under way at the same time in the region, all its calls together.</param>
public sealed record OutboundHttpSender(string Function, string Region, ImmutableArray<AllowedHost> AllowedHosts, int MaxRequests)
{
    private static readonly ConditionalWeakTable<SandboxScope, OutboundHttpSender> Known = [];

    /// <summary>What the requests of a function may: those to its allowed hosts, and so many at once.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: one of the allowed hosts is none.</exception>
    public static OutboundHttpSender Of(SandboxScope scope) => Known.GetValue(scope, static scope => new(
        scope.Function, scope.Region, [.. scope.Settings.AllowedHosts.Select(AllowedHost.Parse)], scope.Limits.MaxHttpRequests));
}
