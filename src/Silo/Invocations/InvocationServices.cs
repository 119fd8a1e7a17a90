using HeliosEdge.Grains.FanOuts;
using HeliosEdge.Grains.Hosting;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Storage.Invocations;

namespace HeliosEdge.Silo.Invocations;

/// <summary>Adds asynchronous invocations, idempotency keys and fan-outs to a silo.</summary>
internal static class InvocationServices
{
    /// <summary>Adds them; after the grain host, so that they are stopped before it.</summary>
    public static IServiceCollection AddInvocations(this IServiceCollection services, SiloOptions options) => services
        .AddSingleton<IFanOutStore, SqlFanOutStore>()
        .AddSingleton(new InvocationLifetime(options.ResultLifetime))

        // Half of the guest threads stay for callers who wait.
        .AddHeliosInvocations(new InvocationWorkerOptions { Concurrency = Math.Max(1, options.Guests.Threads / 2) });

    /// <summary>Maps their endpoints.</summary>
    public static void MapAsynchronousCalls(this WebApplication app)
    {
        app.MapInvocations();
        app.MapFanOuts();
    }
}
