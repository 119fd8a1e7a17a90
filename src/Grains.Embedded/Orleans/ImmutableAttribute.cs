namespace Orleans;

/// <summary>
/// Promises that nobody changes an object once it was made, so that it may pass between grains without being copied.
/// This host passes only such objects: a grain interface with any other type in it is refused.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Parameter | AttributeTargets.ReturnValue, Inherited = false)]
public sealed class ImmutableAttribute : Attribute;
