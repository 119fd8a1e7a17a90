namespace HeliosEdge.Cli.Sql;

/// <summary>How results are written.</summary>
internal enum SqlFormat
{
    Table,
    Json,
    Csv,
}
