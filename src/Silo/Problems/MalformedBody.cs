namespace HeliosEdge.Silo.Problems;

/// <summary>Bodies that are none, of which Kestrel does not say so in the usual way.</summary>
internal static class MalformedBody
{
    /// <summary>Whether reading failed because a chunk's size is beyond all numbers.</summary>
    public static bool Is(Exception e) => e is IOException { InnerException: OverflowException };
}
