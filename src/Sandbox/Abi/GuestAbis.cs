using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Sandbox.Abi.Extism;
using HeliosEdge.Sandbox.Abi.Helios1;
using HeliosEdge.Sandbox.Abi.Wasi;
using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Sandbox.Abi;

/// <summary>The ABIs that this version speaks.</summary>
public static class GuestAbis
{
    /// <summary>The ABI of a registration that states none, unless its module is made for another.</summary>
    public const string Default = Helios1Abi.AbiName;

    private static readonly Helios1Abi Helios1 = new();
    private static readonly WasiAbi Wasi = new();
    private static readonly ExtismAbi Extism = new();
    private static readonly IGuestAbi[] All = [Helios1, Wasi, Extism];

    // What asks for functions of Extism may export what the others look at, and what exports helios-1's allocator may be linked as a command.
    private static readonly IGuestAbi[] ByEvidence = [Extism, Helios1, Wasi];

    /// <summary>The names of all ABIs.</summary>
    public static IEnumerable<string> Names => All.Select(abi => abi.Name);

    /// <summary>The first ABI that a module <see cref="IGuestAbi.IsMadeFor"/>, else <see cref="Default"/>.</summary>
    public static IGuestAbi Detect(ICompiledModule module) =>
        Array.Find(ByEvidence, abi => abi.IsMadeFor(module)) ?? Helios1;

    /// <summary>Finds an ABI by its exact name.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out IGuestAbi? abi)
    {
        abi = Array.Find(All, candidate => candidate.Name == name);
        return abi is not null;
    }
}
