using System.CommandLine;
using System.Globalization;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Client;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Cli.Commands;

/// <summary>The options of a deployment that say what the function may do and use, and what it gets to read.</summary>
/// <param name="usualProfile">The profile where none is stated, in words.</param>
internal sealed class RegistrationOptions(string usualProfile)
{
    private readonly Option<string?> _profile = new("--profile")
    {
        HelpName = "NAME",
        Description = $"What it may do: minimal, compute, database_only or edge; otherwise {usualProfile}.",
    };

    private readonly Option<string[]> _capabilities = new("--capability")
    {
        HelpName = "NAME",
        Description = "What it may do beyond its profile, such as kv.read; may be given several times.",
    };

    private readonly NumberOption _memory = new(
        $"--{LimitKinds.MemoryMiB.Option}", $"The same as --limit {LimitKinds.MemoryMiB.Name}=N: linear memory of one invocation.", 1, int.MaxValue);

    private readonly NumberOption _timeout = new(
        $"--{LimitKinds.TimeoutMs.Option}", $"The same as --limit {LimitKinds.TimeoutMs.Name}=N: deadline of one invocation.", 1, int.MaxValue);

    private readonly PairOption _limits = new(
        "--limit",
        "NAME=N",
        $"A limit, the silo's default otherwise; may be given several times. Limits are {string.Join(", ", LimitNames.All.Select(limit => limit.Name))}.",
        CheckLimit);

    private readonly PairOption _env = new("--env", "NAME=VALUE", "A variable of its environment; may be given several times.");

    private readonly Option<string[]> _args = new("--arg")
    {
        HelpName = "VALUE",
        Description = "An argument for a WASI command; may be given several times. One that begins with a dash is written --arg=-v.",
    };

    private readonly PairOption _config = new("--config", "KEY=VALUE", "An entry of a plug-in's configuration; may be given several times.");

    private readonly Option<string[]> _allowedHosts = new("--allow-host")
    {
        HelpName = "HOST",
        Description = "A host that its requests may reach, such as api.example.com or *.example.com; may be given several times.",
    };

    private readonly Option<string?> _engine = new("--engine")
    {
        HelpName = "NAME",
        Description = $"What runs it, if the operator of the silo allows it: {string.Join(" or ", EngineSet.Known)}; the silo's default otherwise.",
    };

    private readonly NumberOption _maxAttempts = new("--max-attempts", "How often a queued call is tried; 5 otherwise.", 1, 100);

    public void AddTo(Command command)
    {
        AddSharedTo(command);
        foreach (var option in new Option[] { _args, _config, _allowedHosts, _maxAttempts })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Adds only those that procedures have, too.</summary>
    public void AddSharedTo(Command command)
    {
        foreach (var option in new Option[] { _profile, _capabilities, _memory, _timeout, _limits, _env, _engine })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>A registration with what the options say.</summary>
    /// <exception cref="FailureException">A limit is given twice.</exception>
    public FunctionRegistration Apply(ParseResult result, FunctionRegistration registration) => registration with
    {
        Limits = Limits(result),
        Profile = result.GetValue(_profile),
        Capabilities = OrNull(result.GetValue(_capabilities)),
        Env = result.GetValue(_env),
        Args = OrNull(result.GetValue(_args)),
        Config = result.GetValue(_config),
        AllowedHosts = OrNull(result.GetValue(_allowedHosts)),
        MaxAttempts = (int?)result.GetValue(_maxAttempts),
        Engine = result.GetValue(_engine),
    };

    /// <summary>A procedure's registration with what the options say.</summary>
    /// <exception cref="FailureException">A limit is given twice.</exception>
    public ProcedureRegistration Apply(ParseResult result, ProcedureRegistration registration) => registration with
    {
        Limits = Limits(result),
        Profile = result.GetValue(_profile),
        Capabilities = OrNull(result.GetValue(_capabilities)),
        Env = result.GetValue(_env),
        Engine = result.GetValue(_engine),
    };

    private FunctionLimits? Limits(ParseResult result)
    {
        var stated = result.GetValue(_limits)?.ToDictionary(pair => pair.Key, pair => Number(pair.Value)!.Value) ?? [];
        foreach (var (option, name) in new[] { (_memory, LimitKinds.MemoryMiB.Name), (_timeout, LimitKinds.TimeoutMs.Name) })
        {
            if (result.GetValue(option) is { } value && !stated.TryAdd(name, value))
            {
                throw FailureException.Usage($"--limit {name} and {option.Name} are the same limit; it is given twice.");
            }
        }

        return stated.Count == 0 ? null : stated.Aggregate(new FunctionLimits(), (limits, pair) => LimitNames.Find(pair.Key)!.With(limits, pair.Value));
    }

    private static string? CheckLimit(string name, string value)
    {
        if (LimitNames.Find(name) is not { } limit)
        {
            return $"'{name}' is no limit; limits are {string.Join(", ", LimitNames.All.Select(known => known.Name))}";
        }

        return Number(value) is >= 1 and { } number && number <= limit.Largest
            ? null
            : $"{name}: '{value}' is not a whole number from 1 to {limit.Largest}";
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string[]? OrNull(string[]? values) => values is { Length: > 0 } ? values : null;
}
