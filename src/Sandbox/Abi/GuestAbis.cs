using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Extism;
using HeliosEdge.Sandbox.Wasi;

namespace HeliosEdge.Sandbox.Abi;

/// <summary>The ABIs that this version speaks.</summary>
public static class GuestAbis
{
    /// <summary>The ABI of a registration that states none, unless its module is made for another.</summary>
    public const string Default = Helios1Abi.AbiName;

    private static readonly IGuestAbi[] All = [new Helios1Abi(), new WasiAbi(), new ExtismAbi()];

    /// <summary>The names of all ABIs.</summary>
    public static IEnumerable<string> Names => All.Select(abi => abi.Name);

    /// <summary>
    /// The ABI that a module is made for: <c>extism</c> for what imports functions of Extism, <c>wasi</c> for what imports WASI
    /// functions or is a command that exports nothing of another ABI, else <see cref="Default"/>. Whether the module really fits is for <see cref="IGuestAbi.CheckModule"/> to say.
    /// </summary>
    public static IGuestAbi Detect(ICompiledModule module)
    {
        if (module.Imports.Any(import => import.Module == ExtismFunctions.Module))
        {
            return Array.Find(All, abi => abi.Name == ExtismAbi.AbiName)!;
        }

        var isCommand = module.Exports.Any(export => export is { Name: WasiAbi.StartExport, Kind: ExternalKind.Function });
        var importsWasi = module.Imports.Any(import => import.Module == WasiProcess.ImportModule);
        var allocates = module.Exports.Any(export => export.Name == Helios1Abi.AllocateExport);
        var name = isCommand && (importsWasi || !allocates) ? WasiAbi.AbiName : Default;
        return Array.Find(All, abi => abi.Name == name)!;
    }

    /// <summary>Finds an ABI by its exact name.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out IGuestAbi? abi)
    {
        abi = Array.Find(All, candidate => candidate.Name == name);
        return abi is not null;
    }
}
