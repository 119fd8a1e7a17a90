namespace HeliosEdge.Cli.Sql;

/// <summary>One statement of a text.</summary>
/// <param name="Text">The statement, without the semicolon.</param>
/// <param name="Line">The line of the text that it begins on, from 1.</param>
internal sealed record SqlPiece(string Text, int Line);
