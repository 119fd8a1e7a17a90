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

    /// <summary>Refuses a URL that no request of this sender could go to.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.HttpRequestInvalid"/>, <see cref="ErrorCodes.HttpHostDenied"/>.</exception>
    public void Require(string url)
    {
        if (!OutboundUrl.TryParse(url, out var parsed, out var why))
        {
            throw new SandboxException(ErrorCodes.HttpRequestInvalid, $"\"{Quoted.Of(url)}\" is a URL that {why}.");
        }

        if (!AllowedHosts.Any(host => host.Matches(parsed)))
        {
            throw new SandboxException(ErrorCodes.HttpHostDenied, $"The function \"{Function}\" may not send requests to {Quoted.Of(parsed.Authority)}; its allowedHosts are {(AllowedHosts.IsEmpty ? "none" : string.Join(", ", AllowedHosts))}.");
        }
    }
}
