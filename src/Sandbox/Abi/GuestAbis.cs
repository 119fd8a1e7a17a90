using System.Diagnostics.CodeAnalysis;

namespace HeliosEdge.Sandbox.Abi;

/// <summary>The ABIs that this version speaks.</summary>
public static class GuestAbis
{
    /// <summary>The ABI of a registration that states none.</summary>
    public const string Default = Helios1Abi.AbiName;

    private static readonly IGuestAbi[] All = [new Helios1Abi(), new WasiAbi()];

    /// <summary>The names of all ABIs.</summary>
    public static IEnumerable<string> Names => All.Select(abi => abi.Name);

    /// <summary>Finds an ABI by its exact name.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out IGuestAbi? abi)
    {
        abi = Array.Find(All, candidate => candidate.Name == name);
        return abi is not null;
    }
}
