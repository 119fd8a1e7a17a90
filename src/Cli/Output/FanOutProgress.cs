using HeliosEdge.Client;
using Spectre.Console;

namespace HeliosEdge.Cli.Output;

/// <summary>Which regions have not answered yet, on a line of standard error while it is a terminal; nothing stays of it.</summary>
internal sealed class FanOutProgress : IDisposable
{
    private readonly SortedSet<string> _waiting;
    private readonly int _asked;
    private readonly bool _isShown;
    private int _answered;

    private FanOutProgress(IEnumerable<string> regions, bool isShown)
    {
        _waiting = new SortedSet<string>(regions, StringComparer.Ordinal);
        _asked = _waiting.Count;
        _isShown = isShown;
        Show();
    }

    /// <summary>Shows the regions that a fan-out asks.</summary>
    public static async Task<FanOutProgress> BeginAsync(
        HttpEdgeClient silo, string function, FanOutRequest request, CancellationToken cancellationToken)
    {
        if (Console.IsErrorRedirected || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            return new FanOutProgress([], isShown: false);
        }

        try
        {
            return new FanOutProgress(request.Regions ?? (await silo.GetFunctionAsync(function, cancellationToken)).Regions, isShown: true);
        }
        catch (EdgeException)
        {
            // The fan-out itself says what is wrong, or reaches regions of other silos that have what this one does not.
            return new FanOutProgress([], isShown: true);
        }
    }

    public void Answered(string region)
    {
        _answered++;
        _waiting.Remove(region);
        Show();
    }

    /// <summary>Leaves the line to something else.</summary>
    public void Hide()
    {
        if (_isShown)
        {
            Console.Error.Write("\r\u001b[K");
        }
    }

    public void Dispose() => Hide();

    private void Show()
    {
        if (_isShown && _waiting.Count > 0)
        {
            // One that is wider than the terminal would wrap, and only its last row be hidden again.
            var line = ErrorLine.OneLine($"{_answered} of {_asked} answered, waiting for {string.Join(", ", _waiting)}");
            var width = Math.Max(AnsiConsole.Profile.Width - 1, 20);
            Console.Error.Write(line.Length <= width ? line : $"{line[..(width - 1)]}…");
        }
    }
}
