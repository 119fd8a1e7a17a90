using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.HostServices;
using HeliosEdge.Sandbox.HostServices.Allocation;
using HeliosEdge.Sandbox.HostServices.Clock;
using HeliosEdge.Sandbox.HostServices.Config;
using HeliosEdge.Sandbox.HostServices.Http;
using HeliosEdge.Sandbox.HostServices.KeyValue;
using HeliosEdge.Sandbox.HostServices.Log;
using HeliosEdge.Sandbox.HostServices.Procedures;
using HeliosEdge.Sandbox.HostServices.Random;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.Abi.Helios1;

/// <summary>The host functions of <c>helios-1</c>; <c>docs/guest-abi.md</c> is their specification.</summary>
internal static class HeliosFunctions
{
    // A line for each host service.
    private static readonly ImmutableArray<HostServiceFunction> All =
    [
        .. LogFunctions.All,
        .. ClockFunctions.All,
        .. RandomFunctions.All,
        .. KeyValueFunctions.All,
        .. DatabaseFunctions.All,
        .. ProcedureFunctions.All,
        .. EnvironmentFunctions.All,
        .. HttpFunctions.All,
        .. AllocationFunctions.All,
    ];

    private static readonly ConcurrentDictionary<Capability, HostFunctionSet> Sets = [];

    /// <summary>The functions that a guest with these capabilities may import.</summary>
    public static HostFunctionSet For(Capability granted) => Sets.GetOrAdd(
        granted,
        static granted => new HostFunctionSet(All.Where(definition => (definition.Needed & ~granted) == 0).Select(definition => definition.Function)));

    /// <summary>Finds a function of any capability.</summary>
    public static bool TryFind(string module, string name, [NotNullWhen(true)] out HostFunction? function, out Capability needed)
    {
        var found = module == HostServiceFunction.Module ? All.FirstOrDefault(definition => definition.Function.Name == name) : null;
        function = found?.Function;
        needed = found?.Needed ?? Capability.None;
        return function is not null;
    }
}
