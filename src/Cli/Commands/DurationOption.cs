using System.CommandLine;
using System.Globalization;

namespace HeliosEdge.Cli.Commands;

/// <summary>An option that takes a time such as <c>90s</c>, <c>15m</c>, <c>12h</c> or <c>30d</c>.</summary>
internal sealed class DurationOption : Option<TimeSpan?>
{
    public DurationOption(string name, string description, TimeSpan largest)
        : base(name)
    {
        HelpName = "TIME";
        Description = description;
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (TryParse(text, largest, out var time))
            {
                return time;
            }

            result.AddError($"{name}: '{text}' is not a time such as 90s, 15m, 12h or 30d, up to {largest.TotalDays}d.");
            return null;
        };
    }

    internal static bool TryParse(string text, TimeSpan largest, out TimeSpan time)
    {
        var unit = text.Length == 0 ? TimeSpan.Zero : text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        time = TimeSpan.Zero;
        if (unit == TimeSpan.Zero
            || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || count == 0
            || count > largest / unit)
        {
            return false;
        }

        time = count * unit;
        return true;
    }
}
