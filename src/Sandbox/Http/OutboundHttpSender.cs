using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Http;

/// <summary>Whose request it is, and what it may.</summary>
/// <param name="Function">The function's name.</param>
/// <param name="Region">Where it runs.</param>
/// <param name="AllowedHosts">The hosts that it may reach; empty for none.</param>
/// <param name="MaxRequests">The requests that the function may have under way at the same time in the region, all its calls together.</param>
public sealed record OutboundHttpSender(string Function, string Region, ImmutableArray<AllowedHost> AllowedHosts, int MaxRequests);
