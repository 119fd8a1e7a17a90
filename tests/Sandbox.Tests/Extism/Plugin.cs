using System.Buffers;
using System.Text;
using HeliosEdge.Sandbox.Abi.Extism;
using HeliosEdge.Sandbox.HostServices.Http;
using HeliosEdge.Sandbox.HostServices.KeyValue;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Tests.HostFunctions;

namespace HeliosEdge.Sandbox.Tests.Extism;

/// <summary>Registers and calls a plug-in as a silo does, with services in memory.</summary>
internal sealed class Plugin
{
    public static readonly ResourceLimits Limits = new()
    {
        MemoryMiB = 8,
        TimeoutMs = 30_000,
        MaxPayloadBytes = 2 << 20,
        MaxResponseBytes = 1 << 20,
        MaxHostCalls = 100,
        MaxLogBytes = 1_000,
        MaxStringBytes = 200,
    };

    private static readonly ExtismAbi Abi = new();

    public GuestLines Log { get; } = new();

    public Keys Store { get; } = new();

    public Answerer Http { get; } = new();

    public HostServiceSet Services => field ??= new HostServiceSet { Log = Log, Services = [Store, Http] };

    public SecurityProfile Profile { get; init; } = SecurityProfile.Resolve("edge", []);

    public GuestSettings Settings { get; init; } = GuestSettings.None;

    public byte[] Invoke(string guest, string entry, ReadOnlySpan<byte> payload, ResourceLimits? limits = null)
    {
        using var module = Guests.Compile(guest);
        limits ??= Limits;
        Abi.CheckModule(module, entry, limits, Profile);
        var response = new ArrayBufferWriter<byte>();
        try
        {
            Abi.Invoke(module, entry, payload, limits, response, new SandboxScope("f", "eu", Profile, limits, Services, Settings));
        }
        catch (SandboxException)
        {
            response.WrittenCount.ShouldBe(0);
            throw;
        }

        return response.WrittenSpan.ToArray();
    }

    public string Text(string guest, string entry, string payload, ResourceLimits? limits = null) =>
        Encoding.UTF8.GetString(Invoke(guest, entry, Encoding.UTF8.GetBytes(payload), limits));

    public SandboxException Fails(string guest, string entry, string payload, ResourceLimits? limits = null) =>
        Should.Throw<SandboxException>(() => Text(guest, entry, payload, limits));

    public sealed class Keys : IKeyValueStore
    {
        public Dictionary<(string Region, string Function, string Key), byte[]> All { get; } = [];

        public byte[]? Get(string region, string function, string key) => All.GetValueOrDefault((region, function, key));

        public bool TrySet(string region, string function, string key, byte[] value, TimeSpan patience)
        {
            All[(region, function, key)] = value;
            return All.Values.Sum(held => held.Length) <= 1_000_000;
        }

        public bool Delete(string region, string function, string key, TimeSpan patience) => All.Remove((region, function, key));

        public KeyPage List(string region, string function, string prefix, string after, int limit, int maxBytes) => KeyPage.Of(
            All.Keys.Select(key => key.Key)
                .Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(key, after) > 0)
                .Order(StringComparer.Ordinal)
                .Select(Encoding.UTF8.GetBytes),
            limit,
            maxBytes);
    }

    public sealed class Answerer : IOutboundHttp
    {
        public OutboundHttpRequest? Request { get; private set; }

        public OutboundHttpSender? Sender { get; private set; }

        public Func<OutboundHttpRequest, OutboundHttpResponse> Answer { get; set; } = _ => new OutboundHttpResponse { Status = 200 };

        public int MaxRequestBytes => 1_000;

        public OutboundHttpResponse Send(OutboundHttpRequest request, OutboundHttpSender sender, TimeSpan patience, CancellationToken cancellationToken = default)
        {
            Request = request;
            Sender = sender;
            patience.ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromMilliseconds(Limits.TimeoutMs));
            return Answer(request);
        }
    }
}
