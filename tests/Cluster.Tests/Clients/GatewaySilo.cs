using System.Globalization;
using System.Net;
using HeliosEdge.Client;

namespace HeliosEdge.Cluster.Tests.Clients;

/// <summary>A cluster of one silo, with a gateway, and functions to call; nothing where PostgreSQL is not installed.</summary>
public sealed class GatewaySilo : IAsyncLifetime
{
    private readonly int _gatewayPort = FreePorts.Take();
    private ClusterSilo? _silo;

    /// <summary>The address of the silo's API.</summary>
    public Uri Address => _silo!.Http.BaseAddress!;

    /// <summary>How clients find the gateway.</summary>
    public OrleansEdgeClientOptions Options => new() { Gateways = [new IPEndPoint(IPAddress.Loopback, _gatewayPort)] };

    public async Task InitializeAsync()
    {
        if (PostgresServer.WhySkipped is not null)
        {
            return;
        }

        _silo = await ClusterSilo.StartAsync(
            await PostgresServer.NewDatabaseAsync(), "eu,us,ap", "--gateway-port", _gatewayPort.ToString(CultureInfo.InvariantCulture));
        using var client = new HttpEdgeClient(Address);
        await DeployAsync(client, "echo", "echo", new FunctionLimits { MaxPayloadBytes = 2 << 20, MaxResponseBytes = 2 << 20 });
        await DeployAsync(client, "small", "echo", new FunctionLimits { MaxPayloadBytes = 16 });
        await DeployAsync(client, "short", "echo", new FunctionLimits { MaxResponseBytes = 16 });
        await DeployAsync(client, "crash", "crash", null, maxAttempts: 1);
        await DeployAsync(client, "spin", "spin", new FunctionLimits { TimeoutMs = 30_000 });
        await DeployAsync(client, "brief", "spin", new FunctionLimits { TimeoutMs = 100 });
        await DeployAsync(client, "regional", "echo", null, regions: ["us"]);
    }

    public async Task DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }
    }

    private static async Task DeployAsync(
        HttpEdgeClient client, string name, string guest, FunctionLimits? limits, int? maxAttempts = null, string[]? regions = null)
    {
        var module = await client.UploadModuleAsync(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "guests", $"{guest}.wasm")));
        await client.RegisterFunctionAsync(
            name, new FunctionRegistration { Module = module.Hash, Limits = limits, MaxAttempts = maxAttempts, Regions = regions });
    }
}
