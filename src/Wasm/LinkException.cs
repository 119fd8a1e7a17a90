namespace HeliosEdge.Wasm;

/// <summary>A module could not be instantiated because an import is missing or of another type; the message names it.</summary>
public sealed class LinkException : Exception
{
    /// <summary>Makes the exception.</summary>
    public LinkException(string message)
        : base(message)
    {
    }
}
