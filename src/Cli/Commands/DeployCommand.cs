using System.CommandLine;
using HeliosEdge.Cli.Bundles;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class DeployCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The function's name; an existing function of that name gets a new version.");

    private readonly Argument<string> _file = new("FILE") { Description = "The module, a .wasm file." };

    private readonly Option<string[]> _regions = new("--region")
    {
        HelpName = "R",
        Description = "A region that shall serve it; may be given several times. None means all regions of the silo; those of other silos get it through this one.",
    };

    private readonly Option<string?> _entry = new("--entry")
    {
        HelpName = "EXPORT",
        Description = "The exported function that handles a payload; otherwise handle, _start for a WASI command, or the only one of an Extism plug-in.",
    };

    private readonly RegistrationOptions _registration = new("compute for a WASI command, minimal for others");

    private readonly Option<string[]> _bundles = new("--bundle")
    {
        HelpName = "DIR::GUEST",
        Description = "A directory whose files it may read, and the folder where it finds them, such as ./site::/site; needs the capability fs.read. May be given several times.",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print what was deployed as JSON." };

    public DeployCommand()
        : base("deploy", "Uploads a module and registers a function of it.")
    {
        _regions.Validators.Add(result => CheckName(result, "region"));
        Arguments.Add(_name);
        Arguments.Add(_file);
        Options.Add(_regions);
        Options.Add(_entry);
        _registration.AddTo(this);
        Options.Add(_bundles);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios deploy greet greet.wasm",
        "helios deploy thumbnail thumbnail.wasm --region eu-west --region us-east --memory-mib 64 --timeout-ms 500",
        "helios deploy keeper keeper.wasm --profile edge --limit maxHostCalls=500 --limit fuel=50000000",
        "helios deploy lint lint.wasm --env MODE=strict --env LANG=C --arg=--quiet --arg=-",
        "helios deploy weather weather.wasm --capability http.outbound --allow-host '*.example.org'",
        "helios deploy pages pages.wasm --bundle ./site::/site --capability fs.read",
        "helios deploy report report.wasm --engine managed",
        "helios deploy greet greet.wasm --url https://edge.example.org --json",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var name = result.GetRequiredValue(_name);
        var bytes = await InputFile.ReadAsync(result.GetRequiredValue(_file), cancellationToken);

        // Before anything is sent: what is wrong with the command line leaves the silo as it was.
        var registration = _registration.Apply(result, new FunctionRegistration
        {
            Module = string.Empty,
            Entry = result.GetValue(_entry),
            Regions = result.GetValue(_regions) is { Length: > 0 } named ? named : null,
        });
        var archives = PackBundles(result.GetValue(_bundles) ?? []);
        var (module, bundles) = result.GetValue(_json)
            ? await UploadAsync(silo, bytes, archives, new UploadProgress(null), cancellationToken)
            : await UploadProgress.ShowAsync(progress => UploadAsync(silo, bytes, archives, progress, cancellationToken));
        registration = registration with { Module = module.Hash, Bundles = bundles.Count > 0 ? bundles : null };
        var function = await silo.RegisterFunctionAsync(name, registration, cancellationToken);
        var invokeUrl = new Uri($"{silo.Address.AbsoluteUri.TrimEnd('/')}/v1/functions/{Uri.EscapeDataString(function.Name)}/invoke");
        var failed = function.Deployments?.Any(region => region.State == "failed") == true;
        if (result.GetValue(_json))
        {
            Listing.WriteJson(new Deployment(function, module, invokeUrl), CliJsonContext.Default.Deployment);
            return failed ? ExitCode.Refused : 0;
        }

        if (function.Deployments is { } regions)
        {
            Report(function.Name, regions);
        }
        else
        {
            Console.Out.WriteLine($"Deployed {function.Name} to {string.Join(", ", function.Regions)}.");
        }

        Console.Out.WriteLine($"  version {function.Version}");
        Console.Out.WriteLine($"  module  {module.Hash} ({module.Size} bytes)");
        Console.Out.WriteLine($"  entry   {function.Entry}");
        if (function.Engine is { } engine)
        {
            Console.Out.WriteLine(ErrorLine.OneLine($"  engine  {engine}"));
        }

        Console.Out.WriteLine($"  invoke  POST {invokeUrl}");
        return failed ? ExitCode.Refused : 0;
    }

    private static async Task<(ModuleInfo Module, Dictionary<string, string> Bundles)> UploadAsync(
        HttpEdgeClient silo, byte[] bytes, Dictionary<string, byte[]> archives, UploadProgress progress, CancellationToken cancellationToken)
    {
        var module = await silo.UploadModuleAsync(bytes, progress.Of("module", bytes.Length), cancellationToken);
        var bundles = new Dictionary<string, string>();
        foreach (var (folder, archive) in archives)
        {
            bundles.Add(folder, (await silo.UploadBundleAsync(archive, progress.Of(folder, archive.Length), cancellationToken)).Hash);
        }

        return (module, bundles);
    }

    /// <summary>Says how far each region is.</summary>
    internal static void Report(string name, IReadOnlyList<RegionDeployment> regions)
    {
        Console.Out.WriteLine($"Deployed {name}:");
        foreach (var region in regions)
        {
            var why = region.Problem is { } problem ? $": {problem.Code}: {problem.Detail}" : "";
            Console.Out.WriteLine(ErrorLine.OneLine($"  {region.Region}  {region.State}{why}"));
        }
    }

    private static Dictionary<string, byte[]> PackBundles(string[] options)
    {
        var archives = new Dictionary<string, byte[]>();
        foreach (var option in options)
        {
            var at = option.LastIndexOf("::", StringComparison.Ordinal);
            if (at <= 0 || at + 2 == option.Length)
            {
                throw FailureException.Usage($"--bundle takes DIR::GUEST, not '{option}'.");
            }

            if (!archives.TryAdd(option[(at + 2)..], BundleArchive.Pack(option[..at])))
            {
                throw FailureException.Usage($"--bundle names the folder '{option[(at + 2)..]}' twice.");
            }
        }

        return archives;
    }
}
