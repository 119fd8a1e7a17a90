using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>Finds the regions of a fan-out.</summary>
public sealed class FanOutPlanner(FunctionCatalog catalog, ServedRegions served, IRegionPeers peers, SandboxPolicy policy)
{
    /// <summary>All regions that serve the function.</summary>
    public const string AllRegions = "*";

    /// <summary>Regions that one fan-out may name.</summary>
    public const int MaxRegions = 1_000;

    /// <summary>Makes the plan.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="regions">The regions, or <see cref="AllRegions"/> alone.</param>
    /// <param name="mode">When it is done.</param>
    /// <param name="quorum">How many regions must succeed; stated for <see cref="FanOutMode.Quorum"/> and for no other mode.</param>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.InvalidParameter"/>, <see cref="ErrorCodes.RegionNotFound"/> or <see cref="ErrorCodes.FunctionNotFound"/>.
    /// </exception>
    public FanOutPlan Plan(string function, IReadOnlyList<string> regions, FanOutMode mode, long? quorum)
    {
        Names.Require("The function name", function);
        var isAll = regions is [AllRegions];
        var chosen = isAll ? Everywhere(function) : Check(function, regions);
        if (quorum is not null != (mode == FanOutMode.Quorum))
        {
            throw Refuse(quorum is null ? "quorum is missing; the mode quorum needs it." : "quorum is only for the mode quorum.");
        }

        if (quorum is { } stated && (stated < 1 || stated > chosen.Length))
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"quorum must be from 1 to {chosen.Length}, the number of regions, not {stated}.")
            {
                Limit = chosen.Length,
                Value = stated,
            };
        }

        var here = chosen.Where(served.Contains).ToList();
        var needed = mode switch
        {
            FanOutMode.First => 1,
            FanOutMode.Quorum => (int)quorum!.Value,
            _ => chosen.Length,
        };
        return new FanOutPlan(
            function,
            chosen,
            mode,
            needed,
            here.Count > 0 ? catalog.Find(here[0], function).Limits.MaxPayloadBytes : policy.Ceiling.MaxPayloadBytes)
        {
            Unsure = isAll ? [.. chosen.Where(region => !served.Contains(region))] : [],
        };
    }

    private ImmutableArray<string> Everywhere(string function)
    {
        var here = catalog.Contains(function) ? served.Names.Where(catalog.Find(function).Regions.Contains) : [];
        var all = here.Concat(peers.Nearest.Select(peer => peer.Region)).Distinct(StringComparer.Ordinal).ToImmutableArray();
        return all.IsEmpty
            ? throw new SandboxException(ErrorCodes.FunctionNotFound, $"No function \"{Names.Shorten(function)}\" is registered in a region that is served.")
            : all;
    }

    private ImmutableArray<string> Check(string function, IReadOnlyList<string> regions)
    {
        if (regions.Count is 0 or > MaxRegions)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"regions must name from 1 to {MaxRegions} regions, or be [\"*\"]; it names {regions.Count}.")
            {
                Limit = MaxRegions,
                Value = regions.Count,
            };
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var region in regions)
        {
            if (region == AllRegions)
            {
                throw Refuse("regions has \"*\" beside other regions; it stands alone.");
            }

            if (!seen.Add(region))
            {
                throw Refuse($"regions names {Names.Shorten(region)} twice.");
            }

            if (served.Contains(region))
            {
                catalog.Find(region, function);
            }
            else if (peers.Find(region) is null)
            {
                served.Require(region);
            }
        }

        return [.. regions];
    }

    private static SandboxException Refuse(string message) => new(ErrorCodes.InvalidParameter, message);
}
