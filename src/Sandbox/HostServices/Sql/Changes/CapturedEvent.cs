namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>What a trigger says of the row that it passes on: the first argument of <see cref="CaptureFunctions.Change"/>, as JSON.</summary>
/// <param name="Table">The table, as its schema has it.</param>
/// <param name="Op">What happens, as Debezium has it: <c>c</c>, <c>u</c>, <c>d</c>, <c>r</c>.</param>
/// <param name="Columns">The columns.</param>
/// <param name="Key">Which of them are the primary key.</param>
/// <param name="HasRowid">Whether the rowid comes before the columns of each row: the key of a table that names none.</param>
/// <param name="IsJudged">Whether guests may make something else of the row.</param>
internal sealed record CapturedEvent(string Table, string Op, string[] Columns, int[] Key, bool HasRowid, bool IsJudged);
