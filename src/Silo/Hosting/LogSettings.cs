using HeliosEdge.Settings;

namespace HeliosEdge.Silo.Hosting;

/// <summary>How the silo logs where nothing else is said, and what may be said: the object <c>Logging</c> of <c>appsettings.json</c>.</summary>
internal static class LogSettings
{
    /// <summary>The name of the object.</summary>
    public const string Section = "Logging";

    private const string Levels = "LogLevel";
    private const string Console = "Console";
    private const string Formatter = "FormatterName";
    private const string FormatterOptions = "FormatterOptions";

    private static readonly string[] Formatters = ["simple", "json", "systemd"];

    /// <summary>What holds where nothing else is set.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Defaults { get; } =
    [
        // Whether or not its lines are wanted, it makes an activity of each request, which costs as much as a short guest. Traces of callers are passed on without it.
        new($"{Section}:{Levels}:Microsoft.AspNetCore.Hosting.Diagnostics", nameof(LogLevel.None)),
        new($"{Section}:{Console}:{Formatter}", Formatters[0]),
        new($"{Section}:{Console}:{FormatterOptions}:SingleLine", "true"),
        new($"{Section}:{Console}:{FormatterOptions}:TimestampFormat", "HH:mm:ss.fff "),
    ];

    /// <summary>Refuses what would be ignored or could not be read.</summary>
    /// <exception cref="InvalidSettingException">Something is unknown or no level; the message names it.</exception>
    public static void Check(IConfigurationSection logging)
    {
        RequireKnown(logging, Levels, Console);
        CheckLevels(logging.GetSection(Levels));
        var console = logging.GetSection(Console);
        RequireKnown(console, Levels, Formatter, FormatterOptions, "LogToStandardErrorThreshold", "MaxQueueLength", "QueueFullMode");
        CheckLevels(console.GetSection(Levels));
        if (console[Formatter] is { } formatter && !Formatters.Contains(formatter, StringComparer.OrdinalIgnoreCase))
        {
            throw new InvalidSettingException($"{console.Path}:{Formatter} is {string.Join(", ", Formatters)}, not \"{formatter}\".");
        }
    }

    /// <summary>The form of lines.</summary>
    public static string? FormatterOf(IConfiguration configuration) => configuration[$"{Section}:{Console}:{Formatter}"];

    private static void RequireKnown(IConfigurationSection section, params string[] known)
    {
        if (section.GetChildren().Select(child => child.Key).FirstOrDefault(key => !known.Contains(key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new InvalidSettingException($"{section.Path}:{unknown} is not known; known in {section.Path} are {string.Join(", ", known)}.");
        }
    }

    private static void CheckLevels(IConfigurationSection levels)
    {
        foreach (var level in levels.GetChildren())
        {
            if (!Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out var value) || !Enum.IsDefined(value))
            {
                throw new InvalidSettingException($"{level.Path} is {string.Join(", ", Enum.GetNames<LogLevel>())}, not \"{level.Value}\".");
            }
        }
    }
}
