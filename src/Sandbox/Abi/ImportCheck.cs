using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.Abi;

/// <summary>What a module's imports ask for beyond what its ABI offers and its profile grants.</summary>
/// <param name="Unknown">Imports that the ABI does not offer, or not with that type.</param>
/// <param name="Denied">Imports that it offers, each with the capabilities that are missing.</param>
internal sealed record ImportCheck(IReadOnlyList<string> Unknown, IReadOnlyList<string> Denied)
{
    /// <summary>Finds what an import would be linked to, and what it needs.</summary>
    public delegate (HostFunction Function, Capability Needed)? Offer(string module, string name);

    /// <summary>Compares a module's imports with an offer and a profile.</summary>
    public static ImportCheck Of(ICompiledModule module, SecurityProfile profile, Offer find)
    {
        var unknown = new List<string>();
        var denied = new List<string>();
        foreach (var import in module.Imports)
        {
            var text = $"{import.Module}.{import.Name} {import.Type}";
            if (find(import.Module, import.Name) is not { } offered)
            {
                unknown.Add(text);
            }
            else if (import.Kind != ExternalKind.Function || import.Type != offered.Function.Type)
            {
                unknown.Add($"{text} (which is {offered.Function.Type})");
            }
            else if (!profile.Grants(offered.Needed))
            {
                denied.Add($"{import.Module}.{import.Name} needs {string.Join(" and ", CapabilityNames.Of(offered.Needed))}");
            }
        }

        return new ImportCheck(unknown, denied);
    }

    /// <summary>What is wrong with <see cref="Unknown"/>, or null.</summary>
    public string? Fault(string abi) =>
        Unknown.Count == 0 ? null : $"{abi} does not offer all that the module imports; it wants {Excerpt.List(Unknown, ", ")}";

    /// <exception cref="SandboxException"><see cref="ErrorCodes.CapabilityDenied"/>, listing <see cref="Denied"/>.</exception>
    public void ThrowIfDenied(SecurityProfile profile)
    {
        if (Denied.Count > 0)
        {
            throw new SandboxException(
                ErrorCodes.CapabilityDenied,
                $"The module imports what the profile {profile.Name} does not grant: {Excerpt.List(Denied, "; ")}.");
        }
    }
}
