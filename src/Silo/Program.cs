using HeliosEdge.Silo.Hosting;

// Before anything that loads more of the program.
if (StartConditions.Fault() is { } fault)
{
    Console.Error.WriteLine($"helios-silo: {fault}");
    return StartFailure.CannotStart;
}

return await SiloProgram.RunAsync(args);
