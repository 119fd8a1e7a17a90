using Spectre.Console;

namespace HeliosEdge.Cli.Output;

/// <summary>How far uploads are, as bars on standard error while it is a terminal; nothing stays of them.</summary>
/// <param name="bars">Where they are shown; null for nowhere.</param>
internal sealed class UploadProgress(ProgressContext? bars)
{
    /// <summary>Runs uploads and shows their bars meanwhile.</summary>
    public static async Task<T> ShowAsync<T>(Func<UploadProgress, Task<T>> upload)
    {
        if (Console.IsErrorRedirected)
        {
            return await upload(new UploadProgress(null));
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (!console.Profile.Capabilities.Interactive)
        {
            return await upload(new UploadProgress(null));
        }

        return await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn())
            .StartAsync(bars => upload(new UploadProgress(bars)));
    }

    /// <summary>A bar of its own for one upload.</summary>
    /// <param name="what">What is uploaded.</param>
    /// <param name="size">Its bytes.</param>
    public IProgress<long> Of(string what, int size)
    {
        var bar = bars?.AddTask(Markup.Escape(ErrorLine.OneLine($"Uploading {what}")), maxValue: Math.Max(size, 1));
        return new Bar(bar);
    }

    // Not System.Progress: its reports come later, on other threads, and in any order.
    private sealed class Bar(ProgressTask? bar) : IProgress<long>
    {
        public void Report(long value)
        {
            if (bar is not null)
            {
                bar.Value = value;
            }
        }
    }
}
