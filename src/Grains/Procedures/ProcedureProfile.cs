using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Grains.Procedures;

/// <summary>The profile of a registered function, procedure or not.</summary>
internal static class ProcedureProfile
{
    public static SecurityProfile ToProfile(this FunctionDescription function)
    {
        var profile = SecurityProfile.Resolve(function.Profile, function.Capabilities);
        return function.Procedure is { } procedure ? profile.InProcedureOn(procedure.Database) : profile;
    }
}
