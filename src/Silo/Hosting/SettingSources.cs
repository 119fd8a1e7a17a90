using System.CommandLine;
using System.Text;
using HeliosEdge.Settings;

namespace HeliosEdge.Silo.Hosting;

/// <summary>Where settings come from: the command line, then the environment, then <c>appsettings.json</c>.</summary>
internal sealed class SettingSources
{
    private const string Section = "Helios";

    private static readonly string[] Sections = [Section, LogSettings.Section];

    private readonly RootCommand _command;
    private readonly Dictionary<Setting, Option> _options = [];

    public SettingSources()
    {
        _command = new RootCommand(Describe());
        foreach (var setting in Setting.All)
        {
            var text = $"{setting.Description} [default: {setting.Default}]";
            Option option = setting.Argument is null
                ? new Option<bool>($"--{setting.Name}") { Description = text }
                : setting.MayRepeat ? new Option<string[]>($"--{setting.Name}") { Description = text, HelpName = setting.Argument }
                : new Option<string>($"--{setting.Name}") { Description = text, HelpName = setting.Argument };
            _options.Add(setting, option);
            _command.Options.Add(option);
        }
    }

    /// <summary>Reads all sources.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="configuration">What <c>appsettings.json</c> says.</param>
    /// <param name="exitCode">Set when there is nothing to run: help was asked for and given, or the command line is wrong.</param>
    /// <exception cref="InvalidSettingException">A value is not accepted, or <c>appsettings.json</c> sets something unknown.</exception>
    public SiloOptions? Read(string[] args, IConfiguration configuration, out int exitCode)
    {
        var parsed = _command.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            throw new InvalidSettingException($"{string.Join(" ", parsed.Errors.Select(error => error.Message))} See --help.");
        }

        // The command has no action of its own, so this is that of --help or --version.
        if (parsed.Action is not null)
        {
            exitCode = parsed.Invoke();
            return null;
        }

        exitCode = 0;
        FrameworkVariables.RefuseOthers();
        RefuseUnknown(configuration);
        var section = configuration.GetSection(Section);
        return SiloOptions.From(setting => FromCommandLine(parsed, setting)
            ?? Environment.GetEnvironmentVariable(setting.EnvironmentVariable)
            ?? (setting == Setting.Urls ? FrameworkVariables.Urls : null)
            ?? section[setting.JsonMember]);
    }

    private string? FromCommandLine(ParseResult parsed, Setting setting)
    {
        var option = _options[setting];
        if (parsed.GetResult(option) is null or { Implicit: true })
        {
            return null;
        }

        return option switch
        {
            Option<bool> flag => parsed.GetValue(flag) ? "true" : "false",
            Option<string[]> several => string.Join('\n', parsed.GetValue(several) ?? []),
            _ => parsed.GetValue((Option<string>)option),
        };
    }

    private static void RefuseUnknown(IConfiguration configuration)
    {
        // "Kestrel" would open addresses that nobody asks for keys.
        if (configuration.GetChildren().FirstOrDefault(child => !Sections.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) is { } other)
        {
            throw new InvalidSettingException($"appsettings.json sets \"{other.Key}\", which is not known; known are {string.Join(" and ", Sections)}.");
        }

        LogSettings.Check(configuration.GetSection(LogSettings.Section));
        var section = configuration.GetSection(Section);
        if (section.Value is { Length: > 0 } text)
        {
            throw new InvalidSettingException($"\"{Section}\" in appsettings.json is an object of settings, not \"{text}\".");
        }

        var unknown = section.GetChildren()
            .Select(child => child.Key)
            .Where(key => !Setting.All.Any(setting => setting.JsonMember.Equals(key, StringComparison.OrdinalIgnoreCase)))
            .ToArray();
        if (unknown.Length > 0)
        {
            throw new InvalidSettingException(
                $"appsettings.json sets {string.Join(", ", unknown)} in \"{Section}\", which is not known; known are {string.Join(", ", Setting.All.Select(s => s.JsonMember))}.");
        }

        if (section.GetChildren().FirstOrDefault(child => child.GetChildren().Any()) is { } list)
        {
            throw new InvalidSettingException($"appsettings.json sets {list.Key} in \"{Section}\" to an object or a list; it is a text, a number or a flag.");
        }
    }

    private static string Describe()
    {
        var text = new StringBuilder("Runs WebAssembly functions, deployed and called over HTTP.");
        text.Append("\n\nEach option can also be set in the environment, or in the object \"Helios\" of appsettings.json beside the program")
            .Append(" or in the working folder; the command line wins over the environment, the environment over the file.")
            .Append(" ASPNETCORE_URLS, ASPNETCORE_HTTP_PORTS, ASPNETCORE_HTTPS_PORTS and Logging__… are taken from the environment as ASP.NET Core takes them, ")
            .Append("after HELIOS_URLS:");
        foreach (var setting in Setting.All)
        {
            text.Append("\n  ").Append(setting.EnvironmentVariable.PadRight(28)).Append(setting.JsonMember);
        }

        return text.ToString();
    }
}
