namespace HeliosEdge.Sandbox.SecurityTests.Attacks;

/// <summary>All attacks by name.</summary>
internal static class AllAttacks
{
    private static readonly Dictionary<string, Attack> ByName = new Attack[][]
    {
        [.. MemoryAttacks.All], [.. HostCallAttacks.All], [.. SqlAttacks.All], [.. WasiAttacks.All], [.. ModuleAttacks.All],
    }.SelectMany(attacks => attacks).ToDictionary(attack => attack.Name);

    public static IReadOnlyCollection<Attack> All => ByName.Values;

    public static Attack Find(string name) => ByName[name];
}
