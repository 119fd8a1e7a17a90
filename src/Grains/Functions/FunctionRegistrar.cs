using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Procedures;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Grains.Functions;

/// <summary>Registers and removes functions: checked first, then on disk, then in force.</summary>
public sealed class FunctionRegistrar(
    IFunctionStore store,
    FunctionCatalog catalog,
    ModuleRegistry modules,
    BundleRegistry bundles,
    ServedRegions regions,
    SandboxPolicy policy,
    EngineSet engines,
    FunctionVersionOptions options,
    ICatalogBarrier barrier,
    FunctionHosts hosts,
    HostServiceSet services)
{
    /// <summary>Versions that can take calls at the same time.</summary>
    public const int MaxVersionsWithTraffic = 10;

    /// <summary>The weight of a version that takes all calls.</summary>
    public const int WholeTraffic = 100;

    /// <summary>The largest weight of a version.</summary>
    public const int MaxWeight = 1_000_000;

    // Store and catalog must see changes of one name in the same order.
    private readonly SemaphoreSlim _changes = new(1);

    /// <summary>Loads what earlier runs registered.</summary>
    public async Task LoadAsync()
    {
        foreach (var function in await store.ReadAllAsync().ConfigureAwait(false))
        {
            catalog.Set(function.On(engines));
        }
    }

    /// <summary>
    /// Takes up what another silo has stored under a name, or removed. Once this returns, every later call here runs what the store had.
    /// </summary>
    public async Task TakeUpAsync(string name)
    {
        var (before, now) = await ReplaceAsync(name).ConfigureAwait(false);
        await RetireAsync(name, before, now).ConfigureAwait(false);
    }

    /// <summary>As <see cref="TakeUpAsync"/>, for all functions: for a silo that does not know which ones have changed.</summary>
    public async Task TakeUpAllAsync()
    {
        var changes = new List<(string Name, RegisteredFunction? Before, RegisteredFunction? Now)>();
        await _changes.WaitAsync().ConfigureAwait(false);
        try
        {
            var stored = (await store.ReadAllAsync().ConfigureAwait(false)).ToDictionary(function => function.Current.Name, function => function.On(engines), StringComparer.Ordinal);
            foreach (var name in catalog.Names.Union(stored.Keys))
            {
                var now = stored.GetValueOrDefault(name);
                changes.Add((name, Replace(name, now), now));
            }
        }
        finally
        {
            _changes.Release();
        }

        foreach (var (name, before, now) in changes)
        {
            await RetireAsync(name, before, now).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Registers a function, or a new version of it, unless the current one already is what is asked for. Once this returns, every later call runs
    /// that version.
    /// </summary>
    /// <returns>The version in force, and whether the function's name is new.</returns>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.InvalidParameter"/>, <see cref="ErrorCodes.RegionNotFound"/>, <see cref="ErrorCodes.ModuleNotFound"/>,
    /// <see cref="ErrorCodes.BundleNotFound"/>, <see cref="ErrorCodes.InvalidModule"/>, <see cref="ErrorCodes.CapabilityDenied"/>,
    /// <see cref="ErrorCodes.Forbidden"/>: the operator does not allow the engine; <see cref="ErrorCodes.MemoryLimitExceeded"/> or
    /// <see cref="ErrorCodes.CompileLimitExceeded"/>: the request is refused and nothing is changed.
    /// </exception>
    public async Task<(FunctionDescription Function, bool IsNew)> RegisterAsync(string name, FunctionRequest request)
    {
        var function = await CheckAsync(name, request, ChooseRegions(request.Regions)).ConfigureAwait(false);
        RegisteredFunction? previous;
        RegisteredFunction? stored;
        RegisteredFunction registered;
        await _changes.WaitAsync().ConfigureAwait(false);
        try
        {
            previous = catalog.TryFind(name);

            // Another silo may just have changed it.
            stored = await store.ReadAsync(name).ConfigureAwait(false);
            RequireSameKind(stored?.Current, function);
            if (stored?.Current.IsSameAs(function) != true)
            {
                registered = await store.AppendAsync(function, options.Kept).ConfigureAwait(false);
            }
            else if (stored.Versions.Length > 1)
            {
                registered = await DivideAsync(name, ImmutableSortedDictionary<int, int>.Empty.Add(stored.Current.Version, WholeTraffic))
                    .ConfigureAwait(false);
            }
            else
            {
                registered = stored;
            }

            registered = registered.On(engines);
            catalog.Set(registered);
        }
        finally
        {
            _changes.Release();
        }

        await PutInForceAsync(name, previous, registered).ConfigureAwait(false);
        return (registered.Current, stored is null);
    }

    /// <summary>Gives all calls to one version. Once this returns, every later call runs it.</summary>
    /// <param name="name">The function.</param>
    /// <param name="version">The version; null for the one before the current one.</param>
    /// <returns>The version in force.</returns>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.FunctionNotFound"/>, <see cref="ErrorCodes.VersionNotFound"/>, or as of <see cref="RegisterAsync"/> where the version
    /// could not be registered any more: nothing is changed.
    /// </exception>
    public async Task<FunctionDescription> RollbackAsync(string name, int? version)
    {
        var current = catalog.Find(name).Version;
        if (version is null)
        {
            var before = await store.ListVersionsAsync(name, current, 1).ConfigureAwait(false);
            version = before.Count > 0
                ? before[0].Version
                : throw new SandboxException(ErrorCodes.VersionNotFound, $"The function \"{name}\" has no version before {current}.");
        }

        return await SetTrafficAsync(name, ImmutableSortedDictionary<int, int>.Empty.Add(version.Value, WholeTraffic)).ConfigureAwait(false);
    }

    /// <summary>Divides the calls of a function among versions. Once this returns, every later call runs one of them.</summary>
    /// <param name="name">The function.</param>
    /// <param name="weights">The weight of each version; versions with 0 and those that are not named get no calls.</param>
    /// <returns>The newest version in force.</returns>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.InvalidParameter"/>, <see cref="ErrorCodes.FunctionNotFound"/>, <see cref="ErrorCodes.VersionNotFound"/>, or as of
    /// <see cref="RegisterAsync"/> where a version could not be registered any more: nothing is changed.
    /// </exception>
    public async Task<FunctionDescription> SetTrafficAsync(string name, IReadOnlyDictionary<int, int> weights)
    {
        catalog.Find(name);
        var divided = CheckWeights(weights);
        foreach (var number in divided.Keys)
        {
            var version = await FindVersionAsync(name, number).ConfigureAwait(false);
            await CheckLoadsAsync(version.Function).ConfigureAwait(false);
        }

        RegisteredFunction? previous;
        RegisteredFunction registered;
        await _changes.WaitAsync().ConfigureAwait(false);
        try
        {
            previous = catalog.TryFind(name);
            registered = (await DivideAsync(name, divided).ConfigureAwait(false)).On(engines);
            catalog.Set(registered);
        }
        finally
        {
            _changes.Release();
        }

        await PutInForceAsync(name, previous, registered).ConfigureAwait(false);
        return registered.Current;
    }

    /// <summary>Finds a version.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.FunctionNotFound"/> or <see cref="ErrorCodes.VersionNotFound"/>.</exception>
    public async Task<FunctionVersion> FindVersionAsync(string name, int version)
    {
        catalog.Find(name);
        return await store.FindVersionAsync(name, version).ConfigureAwait(false) is { } found
            ? found with { Function = found.Function.On(engines) }
            : throw new SandboxException(ErrorCodes.VersionNotFound, $"The function \"{name}\" has no version {version}.");
    }

    /// <summary>Versions of a function, the newest first.</summary>
    /// <param name="name">The function.</param>
    /// <param name="before">Only versions with a smaller number; null for all.</param>
    /// <param name="count">How many at most.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.FunctionNotFound"/>.</exception>
    public async Task<IReadOnlyList<FunctionVersion>> ListVersionsAsync(string name, int? before, int count)
    {
        catalog.Find(name);
        var versions = await store.ListVersionsAsync(name, before, count).ConfigureAwait(false);
        return [.. versions.Select(version => version with { Function = version.Function.On(engines) })];
    }

    /// <summary>Removes a function with all its versions. Once this returns, no later call runs it.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.FunctionNotFound"/>.</exception>
    public async Task DeleteAsync(string name)
    {
        RegisteredFunction? function;
        await _changes.WaitAsync().ConfigureAwait(false);
        try
        {
            catalog.Find(name);
            function = catalog.TryFind(name);
            await store.DeleteAsync(name).ConfigureAwait(false);
            catalog.Remove(name);
        }
        finally
        {
            _changes.Release();
        }

        await PutInForceAsync(name, function).ConfigureAwait(false);
    }

    private static void RequireSameKind(FunctionDescription? stored, FunctionDescription function)
    {
        if (stored is not null && stored.Procedure is null != function.Procedure is null)
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter,
                $"\"{function.Name}\" is a {(stored.Procedure is null ? "function" : "procedure")}; a {(stored.Procedure is null ? "procedure" : "function")} of that name can be registered once it is deleted.");
        }
    }

    private static ImmutableSortedDictionary<int, int> CheckWeights(IReadOnlyDictionary<int, int> weights)
    {
        foreach (var (version, weight) in weights)
        {
            if (weight is < 0 or > MaxWeight)
            {
                throw new SandboxException(
                    ErrorCodes.InvalidParameter, $"The weight of version {version} must be from 0 to {MaxWeight}, not {weight}.")
                {
                    Limit = MaxWeight,
                    Value = weight,
                };
            }
        }

        var divided = weights.Where(version => version.Value > 0).ToImmutableSortedDictionary();
        return divided.Count is > 0 and <= MaxVersionsWithTraffic
            ? divided
            : throw new SandboxException(
                ErrorCodes.InvalidParameter, $"From 1 to {MaxVersionsWithTraffic} versions can have a weight greater than 0, not {divided.Count}.")
            {
                Limit = MaxVersionsWithTraffic,
                Value = divided.Count,
            };
    }

    private async Task<RegisteredFunction> DivideAsync(string name, ImmutableSortedDictionary<int, int> weights) =>
        await store.SetTrafficAsync(name, weights).ConfigureAwait(false)
            ?? throw new SandboxException(
                ErrorCodes.VersionNotFound, $"The function \"{name}\" has no version {string.Join(" or ", weights.Keys)} any more.");

    // Long ago it was fit to run; the module may be gone from the store since, or the operator may have taken a capability or an engine back.
    private async Task CheckLoadsAsync(FunctionDescription function)
    {
        if (!GuestAbis.TryFind(function.Abi, out var abi))
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter, $"Version {function.Version} is registered with abi {function.Abi}, which this silo does not speak.");
        }

        var profile = function.ToProfile();
        policy.CheckProfile(profile, function.Regions);
        ProcedureCheck.RequireDatabases(profile, services, function.Regions);
        var build = new ModuleBuild(engines.Require(function.Engine), function.Limits.Fuel is not null);
        using (var lease = await modules.LeaseAsync(function.Module, build).ConfigureAwait(false))
        {
            abi.CheckModule(lease.Module, function.Entry, function.Limits.ToResourceLimits(), profile);
        }

        await CheckBundlesAsync(function.Bundles.Values).ConfigureAwait(false);
    }

    private async Task CheckBundlesAsync(IEnumerable<string> hashes)
    {
        foreach (var hash in hashes)
        {
            await bundles.RequireAsync(hash).ConfigureAwait(false);
        }
    }

    /// <summary>Checks a registration and fills in what it does not state; nothing is changed.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="request">What somebody wants it to be.</param>
    /// <param name="chosen">The regions of this silo whose policies it must fit; none for a function that only others will serve.</param>
    /// <exception cref="SandboxException">As <see cref="RegisterAsync"/>.</exception>
    public async Task<FunctionDescription> CheckAsync(string name, FunctionRequest request, ImmutableArray<string> chosen)
    {
        Names.Require("The function name", name);
        ModuleHash.Require("module", request.Module);
        if (request.Entry is not null)
        {
            Names.RequireEntry(request.Entry);
        }

        IGuestAbi? abi = null;
        if (request.Abi is not null && !GuestAbis.TryFind(request.Abi, out abi))
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter,
                $"abi \"{Names.Shorten(request.Abi)}\" is not known; this silo speaks {string.Join(", ", GuestAbis.Names)}.");
        }

        if (request.Engine is { } named)
        {
            EngineSet.RequireKnown(named);
        }

        // Where others alone will serve it, their operators say which engines they allow.
        var engine = chosen.IsEmpty ? engines.Default : engines.Require(request.Engine);
        var limits = policy.Resolve(request.Limits, chosen);
        FunctionSettings.Check(request, limits);
        InvocationAttempts.Check(request.MaxAttempts);
        var lease = await modules.LeaseAsync(request.Module).ConfigureAwait(false);
        if (lease.ModuleBytes > limits.MaxModuleBytes)
        {
            lease.Dispose();
            throw new SandboxException(
                ErrorCodes.ModuleTooLarge, $"The module has {lease.ModuleBytes} bytes; the limit maxModuleBytes is {limits.MaxModuleBytes} bytes.")
            {
                Limit = limits.MaxModuleBytes,
                Value = lease.ModuleBytes,
            };
        }

        string entry;
        SecurityProfile profile;
        ProcedureTerms? procedure;
        using (lease)
        {
            abi ??= GuestAbis.Detect(lease.Module);
            profile = SecurityProfile.Resolve(request.Profile ?? (request.Procedure is null ? abi.DefaultProfile : ProcedureCheck.DefaultProfileOf(request.Procedure)), request.Capabilities ?? []);
            procedure = request.Procedure is { } wanted ? ProcedureCheck.Resolve(name, wanted, profile, services, chosen) : null;
            profile = procedure is null ? profile : profile.InProcedureOn(procedure.Database);
            policy.CheckProfile(profile, chosen);
            ProcedureCheck.RequireDatabases(profile, services, chosen);
            BundleMounts.Check(request.Bundles, abi.Name, profile);
            entry = request.Entry ?? abi.DefaultEntryOf(lease.Module);
            abi.CheckModule(lease.Module, entry, limits, profile);
        }

        if (!chosen.IsEmpty)
        {
            // Compiled once more, if it is for another engine or to be metered: now, not when the first call comes.
            (await modules.LeaseAsync(request.Module, new ModuleBuild(engine, limits.Fuel is not null), request.Caller).ConfigureAwait(false)).Dispose();
        }

        await CheckBundlesAsync(request.Bundles?.Values ?? []).ConfigureAwait(false);
        return new FunctionDescription
        {
            Name = name,
            Module = request.Module,
            Abi = abi.Name,
            Entry = entry,
            Regions = chosen,
            Profile = profile.Name,
            Capabilities = profile.Names,
            Limits = limits.ToFunctionLimits(),
            Env = FunctionSettings.Sort(request.Env),
            Args = [.. request.Args ?? []],
            Config = FunctionSettings.Sort(request.Config),
            AllowedHosts = [.. (request.AllowedHosts ?? []).Order(StringComparer.Ordinal)],
            Bundles = FunctionSettings.Sort(request.Bundles),
            MaxAttempts = (int)(request.MaxAttempts ?? InvocationAttempts.Default),
            Engine = request.Engine,
            Procedure = procedure,
        };
    }

    private ImmutableArray<string> ChooseRegions(IReadOnlyList<string> requested)
    {
        foreach (var region in requested)
        {
            Names.Require("The region name", region);
            regions.Require(region);
        }

        var sorted = (requested.Count == 0 ? regions.Names : requested).Order(StringComparer.Ordinal).ToImmutableArray();
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i] == sorted[i - 1])
            {
                throw new SandboxException(ErrorCodes.InvalidParameter, $"regions names {sorted[i]} twice.");
            }
        }

        return sorted;
    }

    private async Task PutInForceAsync(string name, params RegisteredFunction?[] functions)
    {
        await RetireAsync(name, functions).ConfigureAwait(false);
        await barrier.PassAsync().ConfigureAwait(false);
    }

    private async Task<(RegisteredFunction? Before, RegisteredFunction? Now)> ReplaceAsync(string name)
    {
        await _changes.WaitAsync().ConfigureAwait(false);
        try
        {
            var now = (await store.ReadAsync(name).ConfigureAwait(false))?.On(engines);
            return (Replace(name, now), now);
        }
        finally
        {
            _changes.Release();
        }
    }

    private RegisteredFunction? Replace(string name, RegisteredFunction? now)
    {
        var before = catalog.TryFind(name);
        if (now is null)
        {
            catalog.Remove(name);
        }
        else if (before?.IsSameAs(now) != true)
        {
            // What this silo changed itself comes back to it as a change, and costs its functions nothing.
            catalog.Set(now);
        }

        return before;
    }

    private Task RetireAsync(string name, params ReadOnlySpan<RegisteredFunction?> functions)
    {
        var affected = new HashSet<string>(StringComparer.Ordinal);
        foreach (var function in functions)
        {
            affected.UnionWith(function?.Regions ?? []);
        }

        hosts.Retire(name, affected);
        return ReleaseModulesAsync(functions);
    }

    private Task ReleaseModulesAsync(params ReadOnlySpan<RegisteredFunction?> functions)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var function in functions)
        {
            named.UnionWith(function?.Versions.Select(version => version.Function.Module) ?? []);
        }

        return Task.WhenAll(named.Where(module => !catalog.Uses(module)).Select(modules.ReleaseAsync));
    }
}
