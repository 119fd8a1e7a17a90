using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

/// <summary>A command that talks to a silo: adds <c>--url</c> and hands a client to the command.</summary>
internal abstract class SiloCommand : HeliosCommand
{
    private const string UrlVariable = "HELIOS_URL";
    private const string KeyVariable = "HELIOS_KEY";

    private readonly Option<string> _url = new("--url")
    {
        HelpName = "URL",
        Description = $"The silo's address; also from the environment variable {UrlVariable}.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(UrlVariable) is { Length: > 0 } url ? url : "http://127.0.0.1:8080",
    };

    private readonly Option<string?> _key = new("--key")
    {
        HelpName = "KEY|@FILE",
        Description = $"The key, or the file that it is in after '@'. Better from the environment variable {KeyVariable}: others can see a command line.",
    };

    protected SiloCommand(string name, string description)
        : base(name, description)
    {
        _url.Validators.Add(CheckUrl);
        Options.Add(_url);
        Options.Add(_key);
        SetAction(async (result, cancellationToken) =>
        {
            var key = await KeyAsync(result, cancellationToken);
            using var silo = new HttpEdgeClient(new Uri(result.GetRequiredValue(_url)), new HttpEdgeClientOptions { Key = key });
            return await ExecuteAsync(result, silo, cancellationToken);
        });
    }

    protected abstract Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken);

    protected static Argument<string> NameArgument(string description, string what = "function")
    {
        var name = new Argument<string>("NAME") { Description = description };
        name.Validators.Add(result => CheckName(result, what));
        return name;
    }

    internal static Option<string?> RegionOption(string description)
    {
        var region = new Option<string?>("--region") { HelpName = "R", Description = description };
        region.Validators.Add(result => CheckName(result, "region"));
        return region;
    }

    internal static void CheckName(SymbolResult result, string what)
    {
        foreach (var token in result.Tokens)
        {
            if (token.Value is "" or "." or "..")
            {
                result.AddError($"'{token.Value}' is not the name of a {what}.");
            }
        }
    }

    /// <summary>Whether the address was given on the command line.</summary>
    protected bool NamesAddress(ParseResult result) => result.GetResult(_url) is { Implicit: false };

    private async Task<string?> KeyAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var text = result.GetValue(_key) ?? Environment.GetEnvironmentVariable(KeyVariable);
        if (text is ['@', .. var file])
        {
            text = Encoding.UTF8.GetString(await InputFile.ReadAsync(file, cancellationToken));
        }

        var key = text?.Trim();
        if (string.IsNullOrEmpty(key))
        {
            return null;
        }

        return key.All(c => c is > ' ' and <= '~') ? key : throw FailureException.Usage("The key has characters that no key has.");
    }

    private static void CheckUrl(OptionResult result)
    {
        var text = result.GetValueOrDefault<string>();
        var isAddress = Uri.TryCreate(text, UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url.Query.Length == 0
            && url.Fragment.Length == 0;
        if (!isAddress)
        {
            var source = result.Implicit ? UrlVariable : "--url";
            result.AddError($"{source}: '{text}' is not the http or https address of a silo.");
        }
    }
}
