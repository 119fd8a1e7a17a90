using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;

namespace HeliosEdge.Data.Tests.Postgres;

/// <summary>Judges rows in C#, in the place of guests, which there are none of at this layer.</summary>
internal sealed class Judges : ISqlFunctions
{
    public const string Allow = """{"allow": true}""";

    private readonly ConcurrentDictionary<string, Func<JsonObject, string>> _judges = new();
    private int _opened;

    /// <summary>What was judged, in order.</summary>
    public ConcurrentQueue<JsonObject> Seen { get; } = new();

    /// <summary>Regions whose functions were asked for.</summary>
    public ConcurrentQueue<string> Regions { get; } = new();

    public int Opened => _opened;

    public Func<JsonObject, string> this[string name]
    {
        set => _judges[name] = value;
    }

    public ImmutableArray<SqlFunction> Of(string region) => [];

    public IGuestSession Open(string region, string name, SqlPatience patience)
    {
        Interlocked.Increment(ref _opened);
        Regions.Enqueue(region);
        return _judges.TryGetValue(name, out var judge) ? new Session(this, judge) : throw new SandboxException(ErrorCodes.FunctionNotFound, $"There is no function \"{name}\".");
    }

    private sealed class Session(Judges judges, Func<JsonObject, string> judge) : IGuestSession
    {
        public void Call(ReadOnlySpan<byte> payload, IBufferWriter<byte> response)
        {
            var row = JsonNode.Parse(payload)!.AsObject();
            judges.Seen.Enqueue(row);
            response.Write(Encoding.UTF8.GetBytes(judge(row)));
        }

        public void Dispose()
        {
        }
    }
}
