using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Sandbox.Tests.HostFunctions;

internal sealed class GuestLines : IGuestLog
{
    public List<string> Lines { get; } = [];

    public void Write(string function, string region, GuestLogLevel level, string text) => Lines.Add($"{function} {region} {level} {text}");
}
