using HeliosEdge.Sandbox.Engines.Compilation.Workers;

return CompileService.Run(args);
