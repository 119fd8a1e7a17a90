namespace HeliosEdge.Access.Keys;

/// <summary>Who sent a request, or why nobody is known to have.</summary>
/// <param name="Caller">The caller; null if nobody is known.</param>
/// <param name="IsInvalid">Whether something was shown that is not good.</param>
/// <param name="Fault">Why nobody is known, for people; never what was shown.</param>
internal readonly record struct Authentication(Caller? Caller, bool IsInvalid, string Fault)
{
    public static Authentication Of(Caller caller) => new(caller, false, string.Empty);

    public static Authentication Missing(string fault) => new(null, false, fault);

    public static Authentication Invalid(string fault) => new(null, true, fault);
}
