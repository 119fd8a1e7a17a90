using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using Orleans;

namespace HeliosEdge.Grains.Functions;

/// <summary>Registers and removes functions: checked first, then on disk, then in force.</summary>
public sealed class FunctionRegistrar(
    IFunctionStore store,
    FunctionCatalog catalog,
    ModuleRegistry registry,
    ModuleCache modules,
    BundleRegistry bundles,
    ServedRegions regions,
    SandboxPolicy policy,
    ICatalogAnnouncer others,
    IGrainFactory grains)
{
    // Store and catalog must see changes of one name in the same order.
    private readonly SemaphoreSlim _changes = new(1);

    /// <summary>Loads what earlier runs registered.</summary>
    public async Task LoadAsync()
    {
        foreach (var function in await store.ReadAllAsync().ConfigureAwait(false))
        {
            catalog.Set(function);
        }
    }

    /// <summary>Takes up what another silo has stored under a name, or removed.</summary>
    public async Task ReloadAsync(string name)
    {
        await _changes.WaitAsync().ConfigureAwait(false);
        try
        {
            if (await store.ReadAsync(name).ConfigureAwait(false) is { } function)
            {
                catalog.Set(function);
            }
            else
            {
                catalog.Remove(name);
            }
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Registers a function, or changes it. Once this returns, every later call runs the new registration.</summary>
    /// <returns>The function, and whether its name is new.</returns>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.InvalidParameter"/>, <see cref="ErrorCodes.RegionNotFound"/>, <see cref="ErrorCodes.ModuleNotFound"/>,
    /// <see cref="ErrorCodes.BundleNotFound"/>, <see cref="ErrorCodes.InvalidModule"/>, <see cref="ErrorCodes.CapabilityDenied"/> or <see cref="ErrorCodes.MemoryLimitExceeded"/>: the request is refused and nothing is changed.
    /// </exception>
    public async Task<(FunctionDescription Function, bool IsNew)> RegisterAsync(string name, FunctionRequest request)
    {
        var function = await CheckAsync(name, request, ChooseRegions(request.Regions)).ConfigureAwait(false);
        FunctionDescription? previous;
        await _changes.WaitAsync().ConfigureAwait(false);
        try
        {
            await store.PutAsync(function).ConfigureAwait(false);
            previous = catalog.Set(function);
        }
        finally
        {
            _changes.Release();
        }

        await RefreshAsync(name, previous is null ? function.Regions : [.. function.Regions.Union(previous.Regions)]).ConfigureAwait(false);
        return (function, previous is null);
    }

    /// <summary>Removes a function. Once this returns, no later call runs it.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.FunctionNotFound"/>.</exception>
    public async Task DeleteAsync(string name)
    {
        FunctionDescription function;
        await _changes.WaitAsync().ConfigureAwait(false);
        try
        {
            function = catalog.Find(name);
            await store.DeleteAsync(name).ConfigureAwait(false);
            catalog.Remove(name);
        }
        finally
        {
            _changes.Release();
        }

        await RefreshAsync(name, function.Regions).ConfigureAwait(false);
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

        var limits = policy.Resolve(request.Limits, chosen);
        FunctionSettings.Check(request, limits);
        InvocationAttempts.Check(request.MaxAttempts);
        if (await registry.FindAsync(request.Module).ConfigureAwait(false) is null
            || await modules.TryLeaseAsync(request.Module).ConfigureAwait(false) is not { } lease)
        {
            throw new SandboxException(ErrorCodes.ModuleNotFound, $"No module {request.Module} is stored; upload it first.");
        }

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
        using (lease)
        {
            abi ??= GuestAbis.Detect(lease.Module);
            profile = SecurityProfile.Resolve(request.Profile ?? abi.DefaultProfile, request.Capabilities ?? []);
            policy.CheckProfile(profile, chosen);
            BundleMounts.Check(request.Bundles, abi.Name, profile);
            entry = request.Entry ?? abi.DefaultEntryOf(lease.Module);
            abi.CheckModule(lease.Module, entry, limits, profile);
        }

        foreach (var bundle in request.Bundles?.Values ?? [])
        {
            await bundles.FindAsync(bundle).ConfigureAwait(false);
        }

        return new FunctionDescription
        {
            Name = name,
            Module = request.Module,
            Abi = abi.Name,
            Entry = entry,
            Regions = chosen,
            Profile = profile.Name,
            Capabilities = CapabilityNames.Of(profile.Capabilities),
            Limits = limits.ToFunctionLimits(),
            Env = FunctionSettings.Sort(request.Env),
            Args = [.. request.Args ?? []],
            Config = FunctionSettings.Sort(request.Config),
            AllowedHosts = [.. (request.AllowedHosts ?? []).Order(StringComparer.Ordinal)],
            Bundles = FunctionSettings.Sort(request.Bundles),
            MaxAttempts = (int)(request.MaxAttempts ?? InvocationAttempts.Default),
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

    private async Task RefreshAsync(string name, ImmutableArray<string> affected)
    {
        await others.AnnounceAsync(name).ConfigureAwait(false);
        await Task.WhenAll(affected.Select(region => RefreshAsync(region, name))).ConfigureAwait(false);
    }

    private async Task RefreshAsync(string region, string name)
    {
        try
        {
            await grains.GetGrain<IEdgeFunctionGrain>(FunctionKey.For(region, name)).RefreshAsync().ConfigureAwait(false);
        }
        catch (SandboxException e) when (e.Code == ErrorCodes.RegionUnavailable)
        {
            // No silo of the region is up: nothing runs there that would have to take the change up, and what starts there reads the store.
        }
    }
}
