using System.Globalization;
using System.Net;
using HeliosEdge.Silo.Storage.Postgres;

namespace HeliosEdge.Silo.Hosting;

/// <summary>How a silo finds the other silos of its cluster. Only silos that are built with <c>-p:Cluster=Orleans</c> have a cluster.</summary>
internal sealed record ClusterOptions
{
    /// <summary>The cluster on one machine, whose first silo has the default <see cref="SiloPort"/>.</summary>
    public const string Localhost = "localhost";

    /// <summary><see cref="Localhost"/>, or the address of the PostgreSQL database with the table of members.</summary>
    public string Members { get; init; } = Localhost;

    /// <summary>Silos with the same id are one cluster.</summary>
    public string Id { get; init; } = Setting.ClusterId.Default;

    /// <summary>The address by which the other silos reach this one.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Where the other silos reach this one.</summary>
    public int SiloPort { get; init; } = 11_111;

    /// <summary>The port of the silo that keeps the list of members, where it is kept in memory.</summary>
    public int FirstSiloPort { get; init; } = 11_111;

    /// <summary>Where clients of the cluster reach this silo; 0 for none.</summary>
    public int GatewayPort { get; init; }

    /// <summary>Whether the dashboard is served at <c>/dashboard</c>.</summary>
    public bool Dashboard { get; init; }

    /// <summary>Reads the options; <paramref name="find"/> gives the text of a setting, or null where it is not set.</summary>
    /// <exception cref="InvalidSettingException">A value is not accepted; the message names the setting.</exception>
    public static ClusterOptions From(Func<Setting, string?> find)
    {
        var members = Text(find, Setting.Cluster);
        if (members != Localhost)
        {
            // Refused now, not when the silo joins.
            PostgresUrl.Parse(members, Setting.Cluster.Name, Localhost);
        }

        var address = Text(find, Setting.ClusterAddress);
        var dashboard = Text(find, Setting.Dashboard);
        return new ClusterOptions
        {
            Members = members,
            Id = Text(find, Setting.ClusterId),
            Address = IPAddress.TryParse(address, out var ip)
                ? ip
                : throw new InvalidSettingException($"--{Setting.ClusterAddress.Name} must be an IP address, not \"{address}\"."),
            SiloPort = Port(find, Setting.SiloPort, 1),
            GatewayPort = Port(find, Setting.GatewayPort, 0),
            Dashboard = bool.TryParse(dashboard, out var flag)
                ? flag
                : throw new InvalidSettingException($"--{Setting.Dashboard.Name} is true or false, not \"{dashboard}\"."),
        };
    }

    /// <summary>Refuses settings that only silos of a cluster have.</summary>
    /// <exception cref="InvalidSettingException">One of them is set.</exception>
    public void RequireDefaults()
    {
        if (this != new ClusterOptions())
        {
            throw new InvalidSettingException(
                $"{string.Join(", ", Setting.OfClusters.Select(setting => $"--{setting.Name}"))} are for silos that are built with -p:Cluster=Orleans; this one is not.");
        }
    }

    private static string Text(Func<Setting, string?> find, Setting setting) => find(setting) is { Length: > 0 } text ? text : setting.Default;

    private static int Port(Func<Setting, string?> find, Setting setting, int least)
    {
        var text = Text(find, setting);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port >= least && port <= IPEndPoint.MaxPort
            ? port
            : throw new InvalidSettingException($"--{setting.Name} must be a port from {least} to {IPEndPoint.MaxPort}, not \"{text}\".");
    }
}
