using HeliosEdge.Silo.Demo;

namespace HeliosEdge.Silo.Hosting;

/// <summary>The program: a silo from its start to its end.</summary>
internal static class SiloProgram
{
    /// <summary>Runs a silo until it is told to stop.</summary>
    /// <returns>The exit code; where it is not 0, the reason is one line on standard error.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            return await ServeAsync(args);
        }
        catch (Exception e)
        {
            var failure = StartFailure.Of(e);
            await Console.Error.WriteLineAsync($"helios-silo: {failure.Sentence}");
            return failure.ExitCode;
        }
    }

    private static async Task<int> ServeAsync(string[] args)
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddJsonFile(Path.Combine(Environment.CurrentDirectory, "appsettings.json"), optional: true)
            .AddInMemoryCollection(FrameworkVariables.Logging)
            .Build();
        if (new SettingSources().Read(args, configuration, out var exitCode) is not { } options)
        {
            return exitCode;
        }

        await using var silo = await SiloHost.StartAsync(options, configuration);
        var serving = string.Join(", ", silo.Addresses.Select(address => address.GetLeftPart(UriPartial.Authority)));
        Say($"HeliosEdge serves {string.Join(", ", options.Regions.Names)} at {serving}, state in {options.StateLocation}");
        if (options.Demo)
        {
            await SampleTour.RunAsync(silo.Addresses[0], options.Regions.Names);
        }

        Say("Ctrl+C stops the silo.");
        await silo.WaitForShutdownAsync();
        return 0;
    }

    private static void Say(string line)
    {
        try
        {
            Console.WriteLine(line);
        }
        catch (IOException e)
        {
            // Standard output may be a file on a full disk; a silo that serves goes on serving.
            Console.Error.WriteLine($"helios-silo: standard output cannot be written: {e.Message}");
        }
    }
}
