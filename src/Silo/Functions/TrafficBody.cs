using System.Globalization;
using HeliosEdge.Grains;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Functions;

/// <summary>The body that divides calls: an object of weights by version, such as <c>{"1": 90, "2": 10}</c>.</summary>
internal static class TrafficBody
{
    /// <summary>Reads a body.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>, naming the member.</exception>
    public static IReadOnlyDictionary<int, int> Parse(ReadOnlyMemory<byte> json)
    {
        var weights = new Dictionary<int, int>();
        foreach (var (name, weight) in JsonMembers.ParseIntegers(json))
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var version) || version < 1)
            {
                throw new SandboxException(ErrorCodes.InvalidParameter, $"\"{Names.Shorten(name)}\" is not the number of a version.");
            }

            if (weight is < int.MinValue or > int.MaxValue || !weights.TryAdd(version, (int)weight))
            {
                throw new SandboxException(
                    ErrorCodes.InvalidParameter, $"The weight of version {version} is stated twice or is no whole number of 32 bits.");
            }
        }

        return weights;
    }
}
