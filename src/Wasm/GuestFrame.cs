namespace HeliosEdge.Wasm;

/// <summary>One guest function that was running when a trap happened.</summary>
/// <param name="FunctionIndex">The function's index in its module, imports included.</param>
/// <param name="FunctionName">Its name from the name section, else from an export, else null.</param>
public readonly record struct GuestFrame(int FunctionIndex, string? FunctionName)
{
    /// <summary><c>name</c> or <c>func[12]</c>.</summary>
    public override string ToString() => FunctionName ?? $"func[{FunctionIndex}]";
}
