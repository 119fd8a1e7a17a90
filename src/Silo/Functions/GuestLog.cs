using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Silo.Functions;

/// <summary>Functions' lines in the silo's log, under the category <c>HeliosEdge.Guest</c>.</summary>
internal sealed partial class GuestLog(ILoggerFactory loggers) : IGuestLog
{
    private readonly ILogger _log = loggers.CreateLogger("HeliosEdge.Guest");

    public void Write(string function, string region, GuestLogLevel level, string text)
    {
        var severity = level switch
        {
            GuestLogLevel.Trace => LogLevel.Trace,
            GuestLogLevel.Debug => LogLevel.Debug,
            GuestLogLevel.Warning => LogLevel.Warning,
            GuestLogLevel.Error => LogLevel.Error,
            _ => LogLevel.Information,
        };

        // A guest could otherwise write lines that look like the silo's own, or move a terminal's cursor.
        LogLine(_log, severity, function, region, string.Create(text.Length, text, static (line, text) =>
        {
            for (var i = 0; i < line.Length; i++)
            {
                line[i] = IsInvisible(text[i]) ? ' ' : text[i];
            }
        }));
    }

    /// <summary>Control characters, ends of lines and paragraphs, and what changes the direction of the text after it.</summary>
    private static bool IsInvisible(char c) =>
        char.IsControl(c) || c is '\u2028' or '\u2029' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    [LoggerMessage(Message = "{Function} in {Region}: {Text}")]
    private static partial void LogLine(ILogger log, LogLevel level, string function, string region, string text);
}
