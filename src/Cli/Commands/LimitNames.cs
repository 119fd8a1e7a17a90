using System.Reflection;
using HeliosEdge.Client;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Cli.Commands;

/// <summary>A limit by the name that registrations have for it.</summary>
internal sealed class LimitName(LimitKind kind)
{
    private readonly PropertyInfo _property = typeof(FunctionLimits).GetProperty(kind.Property)
        ?? throw new MissingMemberException(nameof(FunctionLimits), kind.Property);

    public string Name => kind.Name;

    /// <summary>The largest that can be sent; what may be asked for is the silo's to say.</summary>
    public long Largest => _property.PropertyType == typeof(int?) ? int.MaxValue : long.MaxValue;

    public long? Get(FunctionLimits limits) => _property.GetValue(limits) is { } value ? Convert.ToInt64(value) : null;

    public FunctionLimits With(FunctionLimits limits, long value)
    {
        var others = limits with { };
        _property.SetValue(others, Largest == int.MaxValue ? (object)(int)value : value);
        return others;
    }
}

/// <summary>All limits, in the order in which they are shown.</summary>
internal static class LimitNames
{
    public static IReadOnlyList<LimitName> All { get; } = [.. LimitKinds.All.Select(kind => new LimitName(kind))];

    public static LimitName? Find(string name) => All.FirstOrDefault(limit => limit.Name == name);
}
