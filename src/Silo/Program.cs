using HeliosEdge.Silo.Demo;
using HeliosEdge.Silo.Hosting;

try
{
    var configuration = new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
        .AddJsonFile(Path.Combine(Environment.CurrentDirectory, "appsettings.json"), optional: true)
        .Build();
    if (new SettingSources().Read(args, configuration, out var exitCode) is not { } options)
    {
        return exitCode;
    }

    await using var silo = await SiloHost.StartAsync(options, configuration);
    var serving = string.Join(", ", silo.Addresses.Select(address => address.GetLeftPart(UriPartial.Authority)));
    Console.WriteLine($"HeliosEdge serves {string.Join(", ", options.Regions.Names)} at {serving}, state in {options.StateLocation}");
    if (options.Demo)
    {
        await SampleTour.RunAsync(silo.Addresses[0], options.Regions.Names);
    }

    Console.WriteLine("Ctrl+C stops the silo.");
    await silo.WaitForShutdownAsync();
    return 0;
}
catch (InvalidSettingException e)
{
    await Console.Error.WriteLineAsync($"helios-silo: {e.Message}");
    return 2;
}
catch (InvalidDataException e)
{
    await Console.Error.WriteLineAsync($"helios-silo: {e.Message} {e.InnerException?.Message}");
    return 2;
}
catch (SiloStartException e)
{
    await Console.Error.WriteLineAsync($"helios-silo: {e.Message}");
    return 1;
}
