using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace HeliosEdge.Benchmarks.Start;

/// <summary>One start of a server, from the start of its process until <c>/readyz</c> answers 200.</summary>
/// <param name="Elapsed">Time on the clock.</param>
/// <param name="Processor">Processor time that the process took meanwhile, on all processors.</param>
internal sealed record Start(TimeSpan Elapsed, TimeSpan Processor)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static async Task<Start> MeasureAsync(string assembly, params string[] arguments)
    {
        var port = FreePort();
        var begun = Stopwatch.GetTimestamp();
        using var server = Process.Start(new ProcessStartInfo("dotnet", [assembly, .. arguments, "--urls", $"http://127.0.0.1:{port}"])
        {
            RedirectStandardOutput = true,
        })!;
        server.OutputDataReceived += static (_, _) => { };
        server.BeginOutputReadLine();
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            while (!await IsReadyAsync(http))
            {
                if (server.HasExited || Stopwatch.GetElapsedTime(begun) > Patience)
                {
                    throw new InvalidOperationException($"{assembly} does not get ready.");
                }

                // Short beside a start, and long beside what a look costs the processors.
                await Task.Delay(5);
            }

            return new Start(Stopwatch.GetElapsedTime(begun), server.TotalProcessorTime);
        }
        finally
        {
            using var end = Process.Start("kill", $"-TERM {server.Id}");
            await end.WaitForExitAsync();
            await server.WaitForExitAsync();
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync("/readyz");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
