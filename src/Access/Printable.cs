namespace HeliosEdge.Access;

/// <summary>Names that others chose, made fit for one line of a log.</summary>
internal static class Printable
{
    private const int MaxLength = 128;

    public static string From(string name) => string.Create(Math.Min(name.Length, MaxLength), name, static (shown, name) =>
    {
        for (var i = 0; i < shown.Length; i++)
        {
            shown[i] = name[i] is > ' ' and <= '~' ? name[i] : '?';
        }
    });
}
