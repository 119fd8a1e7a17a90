using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Procedures;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Http;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>In whose name answers are sent to a webhook: that of the function that gives them, which must be allowed to send them itself.</summary>
internal static class WebhookSender
{
    /// <exception cref="SandboxException"><see cref="ErrorCodes.CapabilityDenied"/>: the function may not send requests.</exception>
    public static OutboundHttpSender For(FunctionDescription function, string region, SandboxPolicy policy) =>
        policy.Within(function.ToProfile(), region).Grants(Capability.HttpOutbound)
            ? new OutboundHttpSender(function.Name, region, [.. function.AllowedHosts.Select(AllowedHost.Parse)], function.Limits.ToHttpRequests())
            : throw new SandboxException(
                ErrorCodes.CapabilityDenied,
                $"A webhook gets what the function \"{function.Name}\" may send itself: register it with the capability {string.Join(", ", CapabilityNames.Of(Capability.HttpOutbound))} and with the webhook's host among its allowedHosts.");

    private static int ToHttpRequests(this FunctionLimits limits) => Math.Max(1, limits.MaxHttpRequests);
}
