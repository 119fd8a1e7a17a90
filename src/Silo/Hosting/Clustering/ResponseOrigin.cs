using HeliosEdge.Grains.Abstractions.Functions;
using Orleans;
using Orleans.Runtime;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Says on calls whose response is to be streamed at which silo somebody waits for it.</summary>
internal sealed class ResponseOrigin(ILocalSiloDetails silo) : IOutgoingGrainCallFilter
{
    /// <summary>What the silo's address is called among what goes with a call.</summary>
    public const string Key = "helios.response.origin";

    private readonly string _silo = silo.SiloAddress.ToParsableString();

    /// <inheritdoc/>
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        // Gone from the caller's context when this method ends.
        if (context.Request.GetArgumentCount() > 0 && context.Request.GetArgument(0) is FunctionCall { Http.Stream: not null })
        {
            RequestContext.Set(Key, _silo);
        }

        await context.Invoke();
    }
}
