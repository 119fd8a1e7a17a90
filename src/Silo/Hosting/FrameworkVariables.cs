using System.Collections;
using HeliosEdge.Settings;

namespace HeliosEdge.Silo.Hosting;

/// <summary>
/// Environment variables that set up ASP.NET Core and its host in other programs. A silo takes the addresses, the environment's name and the
/// logging from them, and refuses the others by name: nothing that somebody set is ignored.
/// </summary>
internal static class FrameworkVariables
{
    private const string Web = "ASPNETCORE_";
    private const string Host = "DOTNET_";
    private const string Environments = "ENVIRONMENT";
    private const string LoggingPrefix = "Logging__";
    private const string KestrelPrefix = "Kestrel__";

    private static readonly string[] Addresses = ["URLS", "HTTP_PORTS", "HTTPS_PORTS"];

    // All other variables with this prefix are for the runtime, which takes them.
    private static readonly string[] OfHost =
    [
        "APPLICATIONNAME", "CAPTURESTARTUPERRORS", "CONTENTROOT", "DETAILEDERRORS", "FORWARDEDHEADERS_ENABLED", "HOSTINGSTARTUPASSEMBLIES",
        "HOSTINGSTARTUPEXCLUDEASSEMBLIES", "HTTPS_PORT", "PREFERHOSTINGURLS", "PREVENTHOSTINGSTARTUP", "SHUTDOWNTIMEOUTSECONDS",
        "STARTUPASSEMBLY", "SUPPRESSSTATUSMESSAGES", "WEBROOT",
    ];

    /// <summary>What <c>Logging__…</c> variables say, as settings.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Logging => Names
        .Where(name => name.StartsWith(LoggingPrefix, StringComparison.OrdinalIgnoreCase))
        .Select(name => KeyValuePair.Create(name.Replace("__", ":", StringComparison.Ordinal), Environment.GetEnvironmentVariable(name)));

    /// <summary>The addresses to listen on, separated by ';'; null where none are set.</summary>
    public static string? Urls => Find("URLS") ?? Ports();

    private static IEnumerable<string> Names => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => (string)variable.Key);

    /// <summary>Refuses variables that a silo does not take.</summary>
    /// <exception cref="InvalidSettingException">One is set; the message names it.</exception>
    public static void RefuseOthers()
    {
        if (Names.Where(IsRefused).Order(StringComparer.Ordinal).ToArray() is [_, ..] refused)
        {
            throw new InvalidSettingException(
                $"The environment sets {string.Join(", ", refused)}, which a silo does not take. Of ASP.NET Core's variables it takes {string.Join(", ", Addresses.Select(name => Web + name))}, {Web}{Environments} and {LoggingPrefix}…; --help lists its own.");
        }
    }

    private static bool IsRefused(string name)
    {
        if (name.StartsWith(KestrelPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (name.StartsWith(Web, StringComparison.OrdinalIgnoreCase))
        {
            var rest = name[Web.Length..];
            return !rest.Equals(Environments, StringComparison.OrdinalIgnoreCase) && !Addresses.Contains(rest, StringComparer.OrdinalIgnoreCase);
        }

        return name.StartsWith(Host, StringComparison.OrdinalIgnoreCase)
            && (name.Contains("__", StringComparison.Ordinal) || OfHost.Contains(name[Host.Length..], StringComparer.OrdinalIgnoreCase));
    }

    private static string? Ports()
    {
        string[] urls = [.. Of("HTTP_PORTS", "http"), .. Of("HTTPS_PORTS", "https")];
        return urls.Length > 0 ? string.Join(';', urls) : null;

        static IEnumerable<string> Of(string name, string scheme) => (Find(name) ?? "")
            .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(port => $"{scheme}://*:{port}");
    }

    private static string? Find(string name) =>
        Environment.GetEnvironmentVariable(Web + name) is { Length: > 0 } web ? web
        : Environment.GetEnvironmentVariable(Host + name) is { Length: > 0 } host ? host
        : null;
}
