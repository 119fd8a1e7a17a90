using System.Collections.Frozen;
using System.Reflection;
using HeliosEdge.Grains.Embedded.Activations;
using HeliosEdge.Grains.Embedded.Calls;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;

namespace HeliosEdge.Grains.Embedded.Hosting;

/// <summary>All grains of this process.</summary>
internal sealed partial class GrainHost : IGrainFactory, IHostedService, IDisposable
{
    private readonly FrozenDictionary<Type, GrainInterface> _interfaces;
    private readonly HashSet<Type> _ambiguous = [];
    private readonly GrainClass[] _classes;
    private readonly ILogger _log;
    private readonly ITimer _sweep;
    private volatile bool _stopping;

    public GrainHost(
        IServiceProvider services, EmbeddedGrainOptions options, IEnumerable<Assembly> assemblies, TimeProvider clock, ILogger<GrainHost> log)
    {
        Services = services;
        Options = options;
        Clock = clock;
        _log = log;
        var types = assemblies
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsSubclassOf(typeof(Grain)));
        var interfaces = new Dictionary<Type, GrainInterface>();
        var classes = new List<GrainClass>();
        foreach (var type in types)
        {
            var grainClass = new GrainClass(this, type);
            classes.Add(grainClass);
            foreach (var grainInterface in type.GetInterfaces().Where(IsGrainInterface))
            {
                // An interface of several classes is the base of others; it can not be asked for by itself.
                if (!interfaces.TryAdd(grainInterface, new GrainInterface(grainClass, grainInterface, options.CallTimeout)))
                {
                    _ambiguous.Add(grainInterface);
                }
            }
        }

        _interfaces = interfaces.ToFrozenDictionary();
        _classes = [.. classes];
        _sweep = clock.CreateTimer(static host => ((GrainHost)host!).Sweep(), this, options.SweepInterval, options.SweepInterval);
    }

    public IServiceProvider Services { get; }

    public EmbeddedGrainOptions Options { get; }

    public TimeProvider Clock { get; }

    public long Now => Clock.GetTimestamp();

    public bool IsStopping => _stopping;

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrEmpty(primaryKey);
        if (grainClassNamePrefix is not null)
        {
            throw new ArgumentException("Each grain interface has one class here.", nameof(grainClassNamePrefix));
        }

        if (!_interfaces.TryGetValue(typeof(TGrainInterface), out var grainInterface))
        {
            throw new ArgumentException($"No grain class implements {typeof(TGrainInterface)}.");
        }

        if (_ambiguous.Contains(typeof(TGrainInterface)))
        {
            throw new ArgumentException($"Several grain classes implement {typeof(TGrainInterface)}.");
        }

        return (TGrainInterface)(object)grainInterface.Refer(primaryKey);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Deactivates every grain, after the requests that run; no new activation is made from here on.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The process is shutting down.");
        var activations = _classes.SelectMany(grainClass => grainClass.Activations).ToArray();
        foreach (var activation in activations)
        {
            activation.Deactivate(reason);
        }

        await Task.WhenAll(activations.Select(activation => activation.WhenGone)).WaitAsync(cancellationToken);
    }

    public void Dispose() => _sweep.Dispose();

    [LoggerMessage(Level = LogLevel.Error, Message = "{GrainClass} \"{Key}\" could not be activated.")]
    public partial void LogActivationFailed(Exception exception, string grainClass, string key);

    [LoggerMessage(Level = LogLevel.Error, Message = "{GrainClass} \"{Key}\" failed while it was deactivated.")]
    public partial void LogDeactivationFailed(Exception exception, string grainClass, string key);

    private static bool IsGrainInterface(Type type) =>
        type != typeof(IGrainWithStringKey) && type.IsAssignableTo(typeof(IGrainWithStringKey));

    private void Sweep()
    {
        var now = Now;
        foreach (var grainClass in _classes)
        {
            grainClass.Sweep(now, Options.IdleAge);
        }
    }
}
