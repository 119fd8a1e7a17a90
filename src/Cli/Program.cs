using HeliosEdge.Cli.CommandLine;

return await HeliosCommandLine.RunAsync(args);
