using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>The words for what pipelines do: the names of the values, in lower case.</summary>
internal static class PipelineWords
{
    /// <summary>The word for a value.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => Enum.GetName(value)!.ToLowerInvariant();

    /// <summary>The value of a word.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>, naming the words that there are.</exception>
    public static T Read<T>(string member, string word)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (Of(value) == word)
            {
                return value;
            }
        }

        throw new SandboxException(ErrorCodes.InvalidParameter, $"{member} must be {string.Join(", ", Enum.GetValues<T>().Select(Of))}, not \"{Names.Shorten(word)}\".");
    }
}
