using System.Diagnostics;
using System.Globalization;
using HeliosEdge.Client;

// Measures the silo whose address is the first argument and whose store the second names. Fails only where an answer is wrong or missing.
const int Invocations = 5_000;
const int Callers = 64;
const int FanOuts = 200;
int[] widths = [1, 4, 16, 64];

using var edge = new HttpEdgeClient(new Uri(args[0]));
var regions = await WaitForRegionsAsync();
var module = await edge.UploadModuleAsync(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "guests", "echo.wasm")));
await edge.RegisterFunctionAsync("echo", new FunctionRegistration { Module = module.Hash });

// Warm: what is measured is neither first calls nor first connections.
await QueueAsync(500);
var started = Stopwatch.GetTimestamp();
var last = await QueueAsync(Invocations);
var accepted = Stopwatch.GetElapsedTime(started);
await Task.WhenAll(last.Select(handle => handle.WaitAsync()));
var run = Stopwatch.GetElapsedTime(started);
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{args[1],-12} accepted {Invocations / accepted.TotalSeconds,8:0} a second   run {Invocations / run.TotalSeconds,8:0} a second   ({Invocations} invocations, {Callers} callers)"));

foreach (var width in widths.Where(width => width <= regions.Length))
{
    var request = new FanOutRequest { Regions = regions[..width], Payload = new byte[1_024] };
    await FanOutAsync(request, 20);
    var begun = Stopwatch.GetTimestamp();
    await FanOutAsync(request, FanOuts);
    var each = Stopwatch.GetElapsedTime(begun) / FanOuts;
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{args[1],-12} fan-out over {width,2} regions {each.TotalMicroseconds,8:0} µs   {each.TotalMicroseconds / width,7:0} µs a region"));
}

return;

async Task<string[]> WaitForRegionsAsync()
{
    using var watchdog = new CancellationTokenSource(TimeSpan.FromSeconds(60));
    while (true)
    {
        try
        {
            return [.. (await edge.ListRegionsAsync(watchdog.Token)).Select(region => region.Name)];
        }
        catch (EdgeConnectionException)
        {
            await Task.Delay(100, watchdog.Token);
        }
    }
}

// The last ones of each caller, which are the last to run.
async Task<InvocationHandle[]> QueueAsync(int count)
{
    var callers = Enumerable.Range(0, Callers).Select(async _ =>
    {
        InvocationHandle? handle = null;
        for (var i = 0; i < count / Callers; i++)
        {
            handle = await edge.EnqueueAsync("echo", null, new byte[1_024]);
        }

        return handle!;
    });
    return await Task.WhenAll(callers);
}

async Task FanOutAsync(FanOutRequest request, int count)
{
    for (var i = 0; i < count; i++)
    {
        var answered = 0;
        await foreach (var answer in edge.FanOutAsync("echo", request))
        {
            Require(answer.ResponseBytes().Length == 1_024, $"{answer.Region} answered something else");
            answered++;
        }

        Require(answered == request.Regions!.Count, $"{answered} of {request.Regions.Count} regions answered");
    }
}

static void Require(bool holds, string otherwise)
{
    if (!holds)
    {
        throw new InvalidOperationException(otherwise);
    }
}
