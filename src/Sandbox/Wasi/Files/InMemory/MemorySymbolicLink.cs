namespace HeliosEdge.Sandbox.Wasi.Files.InMemory;

internal sealed class MemorySymbolicLink(MemoryBudget budget, string target) : MemoryNode(budget)
{
    public override FileType Type => FileType.SymbolicLink;

    public string Target { get; } = target;

    public override ulong Size { get; } = (ulong)System.Text.Encoding.UTF8.GetByteCount(target);

    public override void Unlinked()
    {
        base.Unlinked();
        if (Links == 0)
        {
            Budget.Release((long)Size);
        }
    }
}
