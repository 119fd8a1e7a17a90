namespace Orleans;

/// <summary>Marks a type that travels between silos. Within one process nothing is serialized; see <see cref="ImmutableAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class GenerateSerializerAttribute : Attribute;
