namespace HeliosEdge.Settings;

/// <summary>Names of files in a silo's data folder that others look for.</summary>
internal static class DataFiles
{
    /// <summary>The SQLite database of the silo's state.</summary>
    public const string State = "silo.db";
}
