using System.Globalization;
using Orleans;
using Orleans.Runtime;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>The members of a cluster of one silo, in its memory: nobody else can read them or join.</summary>
internal sealed class LoneMembership : IMembershipTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SiloAddress, (MembershipEntry Entry, string ETag)> _members = [];
    private TableVersion _version = new(0, "0");
    private int _changes;

    /// <inheritdoc/>
    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task DeleteMembershipTableEntries(string clusterId)
    {
        lock (_gate)
        {
            _members.Clear();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate)
    {
        lock (_gate)
        {
            foreach (var (silo, member) in _members)
            {
                if (member.Entry.Status != SiloStatus.Active && member.Entry.IAmAliveTime < beforeDate.UtcDateTime)
                {
                    _members.Remove(silo);
                }
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<MembershipTableData> ReadRow(SiloAddress key) => ReadAsync(silo => silo.Equals(key));

    /// <inheritdoc/>
    public Task<MembershipTableData> ReadAll() => ReadAsync(_ => true);

    /// <inheritdoc/>
    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion)
    {
        lock (_gate)
        {
            return Task.FromResult(!_members.ContainsKey(entry.SiloAddress) && TryPut(entry, tableVersion));
        }
    }

    /// <inheritdoc/>
    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion)
    {
        lock (_gate)
        {
            return Task.FromResult(_members.TryGetValue(entry.SiloAddress, out var known) && known.ETag == etag && TryPut(entry, tableVersion));
        }
    }

    /// <inheritdoc/>
    public Task UpdateIAmAlive(MembershipEntry entry)
    {
        lock (_gate)
        {
            if (_members.TryGetValue(entry.SiloAddress, out var known))
            {
                known.Entry.IAmAliveTime = entry.IAmAliveTime;
            }
        }

        return Task.CompletedTask;
    }

    private static MembershipEntry Copy(MembershipEntry entry) => new()
    {
        SiloAddress = entry.SiloAddress,
        Status = entry.Status,
        SuspectTimes = entry.SuspectTimes is { } suspected ? [.. suspected] : null,
        ProxyPort = entry.ProxyPort,
        HostName = entry.HostName,
        SiloName = entry.SiloName,
        RoleName = entry.RoleName,
        UpdateZone = entry.UpdateZone,
        FaultZone = entry.FaultZone,
        StartTime = entry.StartTime,
        IAmAliveTime = entry.IAmAliveTime,
    };

    private bool TryPut(MembershipEntry entry, TableVersion version)
    {
        if (version.VersionEtag != _version.VersionEtag)
        {
            return false;
        }

        var tag = (++_changes).ToString(CultureInfo.InvariantCulture);
        _members[entry.SiloAddress] = (Copy(entry), tag);
        _version = new TableVersion(version.Version, tag);
        return true;
    }

    private Task<MembershipTableData> ReadAsync(Func<SiloAddress, bool> isWanted)
    {
        lock (_gate)
        {
            return Task.FromResult(new MembershipTableData(
                [.. _members.Where(member => isWanted(member.Key)).Select(member => Tuple.Create(Copy(member.Value.Entry), member.Value.ETag))], _version));
        }
    }
}
