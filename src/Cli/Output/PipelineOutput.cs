using System.Globalization;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Output;

/// <summary>Pipelines for people.</summary>
internal static class PipelineOutput
{
    public static void WriteTable(IReadOnlyList<PipelineInfo> pipelines)
    {
        var table = Listing.Table("NAME", "TABLES", "FUNCTION", "SINK", "STATE", "DELIVERED", "RATE", "LAG", "DEAD", "POSITION", "LAST ERROR");
        foreach (var pipeline in pipelines)
        {
            table.AddTextRow(
                pipeline.Name,
                string.Join(", ", pipeline.Source.Tables),
                pipeline.Function,
                Sink(pipeline.Sink),
                pipeline.State,
                Number(pipeline.Delivered),
                $"{Number(pipeline.Rate)}/s",
                Lag(pipeline.Lag),
                Number(pipeline.Dead),
                pipeline.Position ?? "-",
                pipeline.Reason ?? pipeline.Warning ?? pipeline.LastError ?? "-");
        }

        Listing.Write(table);
    }

    private static string Sink(PipelineSink? sink) => sink switch
    {
        { Table: { } table } => $"table {table}",
        { Function: { } function } => $"function {function}",
        { Webhook: { } address } => address,
        _ => "-",
    };

    private static string Lag(PipelineLag lag) => $"{(lag.Rows is { } rows ? $"{Number(rows)} rows, " : "")}{Number(lag.Bytes)} bytes, {Number(lag.Seconds)} s";

    private static string Number(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
