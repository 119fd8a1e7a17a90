namespace HeliosEdge.Grains.Invocations;

/// <summary>
/// Divides places among regions: one after the other goes to the region that has the fewest and has work for it. So a region that is alone with its
/// work gets all of them, and none with work has fewer than another, by more than one, but for what that had before.
/// </summary>
public static class FairShares
{
    /// <summary>Divides places.</summary>
    /// <param name="regions">What each region has already, and how many more it could use.</param>
    /// <param name="places">How many there are.</param>
    /// <returns>How many each region gets, in the order of <paramref name="regions"/>; together <paramref name="places"/>, or all that could be used.</returns>
    public static int[] Divide(IReadOnlyList<(int Has, int Wants)> regions, int places)
    {
        var shares = new int[regions.Count];
        var next = new PriorityQueue<int, (int Has, int Index)>();
        for (var i = 0; i < regions.Count; i++)
        {
            if (regions[i].Wants > 0)
            {
                next.Enqueue(i, (regions[i].Has, i));
            }
        }

        for (; places > 0 && next.TryDequeue(out var region, out _); places--)
        {
            shares[region]++;
            if (shares[region] < regions[region].Wants)
            {
                next.Enqueue(region, (regions[region].Has + shares[region], region));
            }
        }

        return shares;
    }
}
