using System.IO.Pipelines;
using HeliosEdge.Grains.Http;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.WarmUp;

namespace HeliosEdge.Grains.Hosting;

/// <summary>Has the runtime compile what the first guest's call goes through, before there is one.</summary>
public static class SiloWarmUp
{
    /// <summary>Runs guests of the house on an engine, through every ABI.</summary>
    /// <param name="engine">The engine itself, not what keeps its code.</param>
    public static void Run(IWasmEngine engine) =>
        GuestWarmUp.Run(engine, limits => new CgiOutput(limits, _ => PipeWriter.Create(Stream.Null)));
}
