using System.Globalization;
using System.Net;
using HeliosEdge.Settings;
using Npgsql;

namespace HeliosEdge.Silo.Hosting;

/// <summary>How a silo finds the other silos of its cluster, and how they reach it.</summary>
internal sealed record ClusterOptions
{
    /// <summary>What the list of members is called where there is none: the silo is alone.</summary>
    public const string None = "none";

    /// <summary>Whether the silo is alone although the database of its state could list members.</summary>
    public bool IsAlone { get; init; }

    /// <summary>The PostgreSQL database with the list of members; null for the one that holds the state, if there is one.</summary>
    public NpgsqlConnectionStringBuilder? Members { get; init; }

    /// <summary>Silos with the same id are one cluster.</summary>
    public string Id { get; init; } = Setting.ClusterId.Default;

    /// <summary>The address by which the other silos reach this one.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Where the other silos reach this one; 0 for a free port.</summary>
    public int SiloPort { get; init; } = 11_111;

    /// <summary>Where clients of the cluster reach this silo; 0 for none.</summary>
    public int GatewayPort { get; init; }

    /// <summary>How long a silo has to answer a probe of another one. After three probes in a row without an answer it is voted out, and ends itself.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether the dashboard is served at <c>/dashboard/orleans</c>.</summary>
    public bool Dashboard { get; init; }

    /// <summary>Reads the options; <paramref name="find"/> gives the text of a setting, or null where it is not set.</summary>
    /// <exception cref="InvalidSettingException">A value is not accepted; the message names the setting.</exception>
    public static ClusterOptions From(Func<Setting, string?> find)
    {
        var members = find(Setting.Cluster) is { Length: > 0 } stated ? stated : null;
        var address = Text(find, Setting.ClusterAddress);
        var dashboard = Text(find, Setting.Dashboard);
        return new ClusterOptions
        {
            IsAlone = members == None,
            Members = members is null or None ? null : PostgresUrl.Parse(members, Setting.Cluster.Name, None),
            Id = Text(find, Setting.ClusterId),
            Address = IPAddress.TryParse(address, out var ip)
                ? ip
                : throw new InvalidSettingException($"--{Setting.ClusterAddress.Name} must be an IP address, not \"{address}\"."),
            SiloPort = Port(find, Setting.SiloPort),
            GatewayPort = Port(find, Setting.GatewayPort),
            Dashboard = bool.TryParse(dashboard, out var flag)
                ? flag
                : throw new InvalidSettingException($"--{Setting.Dashboard.Name} is true or false, not \"{dashboard}\"."),
        };
    }

    /// <summary>The database with the list of members, where the state is in another one or null in none; null for a silo that is alone.</summary>
    public NpgsqlConnectionStringBuilder? MembersBeside(NpgsqlConnectionStringBuilder? state) => IsAlone ? null : Members ?? state;

    private static string Text(Func<Setting, string?> find, Setting setting) => find(setting) is { Length: > 0 } text ? text : setting.Default;

    private static int Port(Func<Setting, string?> find, Setting setting)
    {
        var text = Text(find, setting);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort
            ? port
            : throw new InvalidSettingException($"--{setting.Name} must be a port from 0 to {IPEndPoint.MaxPort}, not \"{text}\".");
    }
}
