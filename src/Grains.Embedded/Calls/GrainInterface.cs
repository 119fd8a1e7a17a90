using System.Collections.Immutable;
using HeliosEdge.Grains.Embedded.Activations;

namespace HeliosEdge.Grains.Embedded.Calls;

/// <summary>A grain interface, the class behind it and the proxy in front of it.</summary>
internal sealed class GrainInterface(GrainClass grainClass, Type type, TimeSpan callTimeout)
{
    private readonly Func<GrainInterface, string, GrainReference> _newProxy = ProxyEmitter.Emit(type);

    public GrainClass Class { get; } = grainClass;

    /// <summary>In the order of <see cref="ProxyEmitter.MethodsOf"/>, by which the proxy refers to them.</summary>
    public ImmutableArray<GrainMethod> Methods { get; } =
    [
        .. ProxyEmitter.MethodsOf(type).Select(method => new GrainMethod(
            $"{type.Name}.{method.Name}", ProxyEmitter.TimeoutOf(method) ?? callTimeout)),
    ];

    public GrainReference Refer(string key) => _newProxy(this, key);
}
