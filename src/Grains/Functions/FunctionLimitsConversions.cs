using System.Collections.Immutable;
using System.Reflection;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Functions;

/// <summary>The limits of the sandbox as registrations show them, and back.</summary>
public static class FunctionLimitsConversions
{
    private static readonly ImmutableArray<(LimitKind Kind, PropertyInfo Property)> Members =
        [.. LimitKinds.All.Select(kind => (kind, typeof(FunctionLimits).GetProperty(kind.Property)
            ?? throw new MissingMemberException(nameof(FunctionLimits), kind.Property)))];

    /// <summary>As they are shown.</summary>
    public static FunctionLimits ToFunctionLimits(this ResourceLimits limits)
    {
        var shown = Activator.CreateInstance<FunctionLimits>();
        foreach (var (kind, property) in Members)
        {
            var value = kind.Of(limits);
            property.SetValue(shown, property.PropertyType == typeof(int) ? (object)(int)value! : value);
        }

        return shown;
    }

    /// <summary>As the sandbox takes them.</summary>
    public static ResourceLimits ToResourceLimits(this FunctionLimits limits) => Members.Aggregate(
        new ResourceLimits(),
        (taken, member) => member.Kind.Set(taken, member.Property.GetValue(limits) is { } value ? Convert.ToInt64(value) : null));
}
