using System.Globalization;
using System.Text.RegularExpressions;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>What the library says of a module that it refuses, in the port's form.</summary>
internal static partial class InvalidModule
{
    /// <summary>The refusal for an error's text, which ends with the offset of the first offending byte: <c>… (at offset 0x1f)</c>.</summary>
    public static SandboxException Refused(string error)
    {
        int? offset = null;
        var text = Offset().Replace(
            Space().Replace(Causes().Replace(error, ": "), " ").Trim(),
            place =>
            {
                offset = int.Parse(place.Groups[1].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                return $"(at byte {offset})";
            });
        return new SandboxException(ErrorCodes.InvalidModule, $"The module is not accepted: {text}.") { Offset = offset };
    }

    [GeneratedRegex(@"\(at offset 0x([0-9a-f]{1,7})\)")]
    private static partial Regex Offset();

    // The library writes causes as a numbered list behind the first line.
    [GeneratedRegex(@"\s*\n\s*Caused by:\s*(\d+: )?|\s*\n\s*\d+: ")]
    private static partial Regex Causes();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
