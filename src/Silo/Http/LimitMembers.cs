using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Silo.Http;

/// <summary>Limits by their names, as registrations and policy files state them.</summary>
internal static class LimitMembers
{
    /// <summary>Reads a member whose own members are limits; their values are not checked yet.</summary>
    /// <exception cref="Sandbox.SandboxException"><see cref="Sandbox.ErrorCodes.InvalidParameter"/>, naming the member.</exception>
    public static RequestedLimits Read(JsonMembers body, string member)
    {
        var requested = RequestedLimits.None;
        if (body.OptionalObject(member, LimitKinds.Names.AsSpan()) is { } limits)
        {
            foreach (var name in LimitKinds.Names)
            {
                requested = limits.OptionalInteger(name) is { } value ? requested.With(name, value) : requested;
            }
        }

        return requested;
    }
}
