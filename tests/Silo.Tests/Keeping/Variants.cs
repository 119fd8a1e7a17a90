using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Keeping;

/// <summary>Any number of modules that do the same and differ.</summary>
internal static class Variants
{
    private static readonly byte[] Echo = TestSilo.Guest("echo");

    /// <summary>The guest <c>echo</c> with a custom section that says which one it is.</summary>
    public static byte[] OfEcho(string which)
    {
        var text = System.Text.Encoding.ASCII.GetBytes(which);
        return [.. Echo, 0, (byte)(2 + text.Length), 1, (byte)'n', .. text];
    }
}
