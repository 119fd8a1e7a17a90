using System.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.EdgeClient;

namespace HeliosEdge.Cli.Commands;

internal sealed class DeployCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The function's name; an existing function of that name is replaced.");

    private readonly Argument<string> _file = new("FILE") { Description = "The module, a .wasm file." };

    private readonly Option<string[]> _regions = new("--region")
    {
        HelpName = "R",
        Description = "A region that shall serve it; may be given several times. None means all regions of the silo.",
    };

    private readonly Option<string?> _entry = new("--entry")
    {
        HelpName = "EXPORT",
        Description = "The exported function that handles a payload; otherwise handle, _start for a WASI command, or the only one of an Extism plug-in.",
    };

    private readonly NumberOption _memory = new("--memory-mib", "Linear memory of one invocation, in MiB; the silo's default otherwise.", 1, int.MaxValue);

    private readonly NumberOption _timeout = new("--timeout-ms", "Deadline of one invocation, in milliseconds; the silo's default otherwise.", 1, int.MaxValue);

    private readonly Option<bool> _json = new("--json") { Description = "Print what was deployed as JSON." };

    public DeployCommand()
        : base("deploy", "Uploads a module and registers a function of it.")
    {
        _regions.Validators.Add(result => CheckName(result, "region"));
        Arguments.Add(_name);
        Arguments.Add(_file);
        Options.Add(_regions);
        Options.Add(_entry);
        Options.Add(_memory);
        Options.Add(_timeout);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios deploy greet greet.wasm",
        "helios deploy thumbnail thumbnail.wasm --region eu-west --region us-east --memory-mib 64 --timeout-ms 500",
        "helios deploy greet greet.wasm --url https://edge.example.org --json",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, EdgeClient.EdgeClient silo, CancellationToken cancellationToken)
    {
        var name = result.GetRequiredValue(_name);
        var bytes = await InputFile.ReadAsync(result.GetRequiredValue(_file), cancellationToken);
        var module = await silo.UploadModuleAsync(bytes, cancellationToken);
        var memory = result.GetValue(_memory);
        var timeout = result.GetValue(_timeout);
        var registration = new FunctionRegistration
        {
            Module = module.Hash,
            Entry = result.GetValue(_entry),
            Regions = result.GetValue(_regions) is { Length: > 0 } regions ? regions : null,
            Limits = memory is null && timeout is null ? null : new FunctionLimits { MemoryMiB = (int?)memory, TimeoutMs = (int?)timeout },
        };
        var function = await silo.RegisterFunctionAsync(name, registration, cancellationToken);
        var invokeUrl = new Uri($"{silo.Address.AbsoluteUri.TrimEnd('/')}/v1/functions/{Uri.EscapeDataString(function.Name)}/invoke");
        if (result.GetValue(_json))
        {
            Listing.WriteJson(new Deployment(function, module, invokeUrl), CliJsonContext.Default.Deployment);
            return 0;
        }

        Console.Out.WriteLine($"Deployed {function.Name} to {string.Join(", ", function.Regions)}.");
        Console.Out.WriteLine($"  module  {module.Hash} ({module.Size} bytes)");
        Console.Out.WriteLine($"  entry   {function.Entry}");
        Console.Out.WriteLine($"  invoke  POST {invokeUrl}");
        return 0;
    }
}
