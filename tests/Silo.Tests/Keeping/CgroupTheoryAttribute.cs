namespace HeliosEdge.Silo.Tests.Keeping;

/// <summary>A theory about a process whose memory is limited; left out, with the reason, where no memory cgroup can be made.</summary>
internal sealed class CgroupTheoryAttribute : TheoryAttribute
{
    private static readonly Lazy<bool> CanBeMade = new(() =>
    {
        using var trial = MemoryCgroup.TryMake(1L << 30);
        return trial is not null;
    });

    public CgroupTheoryAttribute() => Skip = CanBeMade.Value ? null : "This needs a memory cgroup, which cannot be made here.";
}
