using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Grains.Bundles;

/// <summary>Checks where a registration wants its bundles to be seen.</summary>
internal static class BundleMounts
{
    private const string FilesAbi = "wasi";
    private const int MaxBundles = 16;
    private const int MaxFolderLength = 255;

    /// <summary>Refuses bundles that the guest could not be given.</summary>
    /// <param name="bundles">Hashes by the folder where the guest sees them; null for none.</param>
    /// <param name="abi">The guest ABI.</param>
    /// <param name="profile">What the function may do.</param>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.InvalidParameter"/>, naming the folder, or <see cref="ErrorCodes.CapabilityDenied"/>.
    /// </exception>
    public static void Check(IReadOnlyDictionary<string, string>? bundles, string abi, SecurityProfile profile)
    {
        if (bundles is null or { Count: 0 })
        {
            return;
        }

        if (bundles.Count > MaxBundles)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"bundles has {bundles.Count} entries; the limit is {MaxBundles}.")
            {
                Limit = MaxBundles,
                Value = bundles.Count,
            };
        }

        if (abi != FilesAbi)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"bundles are for functions of the ABI {FilesAbi}; guests of {abi} have no files.");
        }

        foreach (var (folder, hash) in bundles)
        {
            if (!IsClean(folder))
            {
                throw new SandboxException(
                    ErrorCodes.InvalidParameter,
                    $"bundles names the folder \"{Names.Shorten(folder)}\", which is not accepted: an absolute path such as /site, "
                    + $"of at most {MaxFolderLength} characters, without empty names, ., .., backslashes and control characters, and not / itself.");
            }

            ModuleHash.Require($"bundles.{Names.Shorten(folder)}", hash);
        }

        if (!profile.Grants(Capability.FsRead))
        {
            throw new SandboxException(
                ErrorCodes.CapabilityDenied,
                $"The function has bundles, which need {string.Join(" and ", CapabilityNames.Of(Capability.FsRead))}; the profile {profile.Name} does not grant it.");
        }
    }

    private static bool IsClean(string folder) =>
        folder.Length is > 1 and <= MaxFolderLength
        && folder[0] == '/'
        && !folder.Any(c => c == '\\' || char.IsControl(c))
        && folder[1..].Split('/').All(name => name is not ("" or "." or ".."));
}
