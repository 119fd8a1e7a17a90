using HeliosEdge.Access.Keys;

namespace HeliosEdge.Silo.Access;

/// <summary>Who may use an endpoint, and whether its use is a change for the log.</summary>
/// <param name="Scope">What the caller needs; none for endpoints that are open to all.</param>
/// <param name="Change">What the log calls it, such as <c>function.put</c>; null for what changes nothing.</param>
internal sealed record AccessRule(Scopes Scope, string? Change)
{
    private static readonly AccessRule StrictestRead = new(Scopes.Admin, null);

    /// <summary>A scope that will do as well; none where there is no other.</summary>
    public Scopes Or { get; init; }

    /// <summary>Whether the endpoint asks who the caller is. Calls of functions that are answered at once do not, and are spared the telling.</summary>
    public bool TellsCaller { get; init; } = Scope != Scopes.Invoke;

    /// <summary>The scopes that it takes, in words.</summary>
    public string Words => Or == Scopes.None ? ScopeWords.Word(Scope) : $"{ScopeWords.Word(Scope)} or {ScopeWords.Word(Or)}";

    public bool Allows(Caller caller) => caller.May(Scope) || (Or != Scopes.None && caller.May(Or));

    /// <summary>The rule of an endpoint. One without is for administrators, and a change: forgetting it opens nothing.</summary>
    public static AccessRule Of(RouteEndpoint endpoint, string method) =>
        endpoint.Metadata.GetMetadata<AccessRule>()
        ?? (IsSafe(method) ? StrictestRead : new AccessRule(Scopes.Admin, $"{method} {endpoint.RoutePattern.RawText}"));

    /// <summary>Whether a method by itself asks for no change.</summary>
    public static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
}

/// <summary>States the rules of endpoints.</summary>
internal static class AccessRules
{
    private static readonly AccessRule Open = new(Scopes.None, null);

    /// <summary>Takes a caller with this scope.</summary>
    public static T Needs<T>(this T route, Scopes scope)
        where T : IEndpointConventionBuilder => route.WithMetadata(new AccessRule(scope, null));

    /// <summary>Takes a caller who may call functions, and tells the endpoint who it is.</summary>
    public static T NeedsOwner<T>(this T route)
        where T : IEndpointConventionBuilder => route.WithMetadata(new AccessRule(Scopes.Invoke, null) { TellsCaller = true });

    /// <summary>Takes a caller with this scope or the other, and tells the endpoint who it is.</summary>
    public static T Needs<T>(this T route, Scopes scope, Scopes or)
        where T : IEndpointConventionBuilder => route.WithMetadata(new AccessRule(scope, null) { Or = or, TellsCaller = true });

    /// <summary>Takes a caller with this scope, and writes each use into the log of changes.</summary>
    public static T Changes<T>(this T route, string change, Scopes scope)
        where T : IEndpointConventionBuilder => route.WithMetadata(new AccessRule(scope, change) { TellsCaller = true });

    /// <summary>Takes anybody, and says nothing that is not for everybody.</summary>
    public static T OpenToAll<T>(this T route)
        where T : IEndpointConventionBuilder => route.WithMetadata(Open);
}
