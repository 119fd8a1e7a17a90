using System.Globalization;
using System.Text.RegularExpressions;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>What the library says of a module that it refuses, in the port's form.</summary>
internal static partial class InvalidModule
{
    /// <summary>The refusal for an error's text, which ends with the offset of the first offending byte: <c>… (at offset 0x1f)</c>.</summary>
    public static SandboxException Refused(string error)
    {
        var text = Causes().Replace(error.ReplaceLineEndings("\n"), ": ").Trim();
        var place = Offset().Match(text);
        var refusal = $"The module is not accepted: {text}.";
        return place.Success
            && int.TryParse(place.Groups[1].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var offset)
            ? new SandboxException(ErrorCodes.InvalidModule, refusal) { Offset = offset }
            : new SandboxException(ErrorCodes.InvalidModule, refusal);
    }

    [GeneratedRegex(@"\(at offset 0x([0-9a-f]+)\)")]
    private static partial Regex Offset();

    // The library writes causes as a numbered list behind the first line.
    [GeneratedRegex(@"\n\s*(Caused by:\s*\n\s*)?(\d+: )?")]
    private static partial Regex Causes();
}
