using System.Collections.Immutable;
using System.Reflection;

namespace HeliosEdge.Grains.Embedded.Calls;

/// <summary>
/// Tells which types may pass between grains. Orleans isolates grains by copying arguments and results; here both sides see
/// the same object, which is as good as a copy only if it never changes.
/// </summary>
internal static class ImmutableTypes
{
    private static readonly HashSet<Type> Known =
    [
        typeof(string), typeof(decimal), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(Uri),
        typeof(Version), typeof(CancellationToken),

        // The owner of the bytes must leave them alone until the call has been answered.
        typeof(ReadOnlyMemory<byte>),
    ];

    private static readonly HashSet<Type> KnownGenerics =
    [
        typeof(Nullable<>), typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableDictionary<,>), typeof(ImmutableSortedDictionary<,>),
        typeof(ImmutableHashSet<>),
    ];

    public static bool Includes(Type type) =>
        type.IsPrimitive
        || type.IsEnum
        || Known.Contains(type)
        || type.GetCustomAttribute<Orleans.ImmutableAttribute>(inherit: false) is not null
        || (type.IsGenericType
            && KnownGenerics.Contains(type.GetGenericTypeDefinition())
            && type.GetGenericArguments().All(Includes));
}
