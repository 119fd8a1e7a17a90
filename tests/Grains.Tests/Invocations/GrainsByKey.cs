using System.Reflection;
using Orleans;

namespace HeliosEdge.Grains.Tests.Invocations;

/// <summary>A factory whose grains are those that a test has, by their keys.</summary>
public class GrainsByKey : DispatchProxy
{
    private Func<string, object> _find = null!;

    public static IGrainFactory Make(Func<string, object> find)
    {
        var factory = Create<IGrainFactory, GrainsByKey>();
        ((GrainsByKey)(object)factory)._find = find;
        return factory;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod?.Name == nameof(IGrainFactory.GetGrain) && args is [string key, ..] ? _find(key) : throw new NotSupportedException($"{targetMethod}");
}
