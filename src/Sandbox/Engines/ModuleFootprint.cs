namespace HeliosEdge.Sandbox.Engines;

/// <summary>What modules take of the process while they are loaded, apart from their instances.</summary>
/// <param name="Mappings">Mappings of memory, which the system counts (<c>vm.max_map_count</c>).</param>
/// <param name="Descriptors">Open files.</param>
/// <param name="Bytes">Memory for code and for what is known about it, in bytes.</param>
public readonly record struct ModuleFootprint(long Mappings, long Descriptors, long Bytes)
{
    /// <summary>What both take together.</summary>
    public static ModuleFootprint operator +(ModuleFootprint left, ModuleFootprint right) =>
        new(left.Mappings + right.Mappings, left.Descriptors + right.Descriptors, left.Bytes + right.Bytes);

    /// <summary>What is left of one without the other.</summary>
    public static ModuleFootprint operator -(ModuleFootprint left, ModuleFootprint right) =>
        new(left.Mappings - right.Mappings, left.Descriptors - right.Descriptors, left.Bytes - right.Bytes);

    /// <summary>A part of it, such as half.</summary>
    public static ModuleFootprint operator /(ModuleFootprint whole, long parts) =>
        new(whole.Mappings / parts, whole.Descriptors / parts, whole.Bytes / parts);

    /// <summary>Whether it is more than a bound in any of the three.</summary>
    public bool Exceeds(ModuleFootprint bound) => Mappings > bound.Mappings || Descriptors > bound.Descriptors || Bytes > bound.Bytes;
}
