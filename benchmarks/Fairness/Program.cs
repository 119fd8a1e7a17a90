using System.Diagnostics;
using System.Globalization;
using HeliosEdge.Client;

// Measures what SECURITY.md says of fairness, on the silo whose address is the argument. Fails only where an answer is wrong or missing.
var address = new Uri(args[0]);
using var edge = new HttpEdgeClient(address);
await WaitForSiloAsync(edge);
var guests = Path.Combine(AppContext.BaseDirectory, "guests");
await DeployAsync("healthy", "echo.wasm", 5_000);
await DeployAsync("endless", "spin.wasm", 5_000);
await DeployAsync("sleeper", "hostile_wasi.wasm", 5_000);

// Warm: what is measured is fairness, not first calls.
await EchoAsync(200);
var alone = await EchoAsync(1_000);
var endless = Enumerable.Range(0, 4).Select(_ => EndAsync()).ToArray();
var beside = await EchoAsync(1_000);
var stillRunning = endless.Count(call => !call.IsCompleted);
await Task.WhenAll(endless);

await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => SleepAsync()));
var started = Stopwatch.GetTimestamp();
await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => SleepAsync()));
var all = Stopwatch.GetElapsedTime(started);

Console.WriteLine($"processors                                     {Environment.ProcessorCount}");
Console.WriteLine($"echo alone                       p50 / p99     {Milliseconds(alone, 0.5)} / {Milliseconds(alone, 0.99)} ms");
Console.WriteLine($"echo beside four endless guests  p50 / p99     {Milliseconds(beside, 0.5)} / {Milliseconds(beside, 0.99)} ms   target p99 below 50 ms   (endless ones still running at the end: {stillRunning})");
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"500 guests that each wait 100 ms               {all.TotalSeconds:0.00} s   target below 2 s"));
return;

async Task DeployAsync(string name, string file, int timeoutMs)
{
    var module = await edge.UploadModuleAsync(await File.ReadAllBytesAsync(Path.Combine(guests, file)));
    await edge.RegisterFunctionAsync(name, new FunctionRegistration { Module = module.Hash, Limits = new FunctionLimits { TimeoutMs = timeoutMs } });
}

async Task<double[]> EchoAsync(int calls)
{
    var times = new double[calls];
    for (var i = 0; i < calls; i++)
    {
        var payload = BitConverter.GetBytes(i);
        var start = Stopwatch.GetTimestamp();
        var answer = await edge.InvokeAsync("healthy", null, payload);
        times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Require(answer.Payload.Span.SequenceEqual(payload), "echo answered something else");
    }

    Array.Sort(times);
    return times;
}

async Task EndAsync()
{
    try
    {
        await edge.InvokeAsync("endless", null, ReadOnlyMemory<byte>.Empty);
        Require(false, "an endless guest came to an end");
    }
    catch (EdgeException e)
    {
        Require(e.Code == "timeout", $"an endless guest ended with {e.Code}");
    }
}

async Task SleepAsync()
{
    var answer = await edge.InvokeAsync("sleeper", null, "sleep_briefly"u8.ToArray());
    Require(answer.Payload.Span.SequenceEqual("held: slept 100\n"u8), "a sleeper answered something else");
}

static string Milliseconds(double[] sorted, double part) =>
    sorted[(int)(part * (sorted.Length - 1))].ToString("0.0", CultureInfo.InvariantCulture);

static void Require(bool holds, string otherwise)
{
    if (!holds)
    {
        throw new InvalidOperationException(otherwise);
    }
}

static async Task WaitForSiloAsync(HttpEdgeClient edge)
{
    for (var attempt = 1; ; attempt++)
    {
        try
        {
            await edge.ListRegionsAsync();
            return;
        }
        catch (EdgeException) when (attempt < 300)
        {
            await Task.Delay(100);
        }
    }
}
