using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;

namespace HeliosEdge.Sandbox.Tests.Sql;

/// <summary>What guests would answer inside statements, so that answers can be anything.</summary>
internal sealed class ScriptedFunctions(ImmutableArray<SqlFunction> functions, Func<string, string, byte[]> answer) : ISqlFunctions
{
    /// <summary>How many sessions were opened and not disposed of.</summary>
    public int Open { get; private set; }

    public ImmutableArray<SqlFunction> Of(string region) => functions;

    IGuestSession ISqlFunctions.Open(string region, string name, SqlPatience patience)
    {
        Open++;
        return new Session(this, name);
    }

    private sealed class Session(ScriptedFunctions owner, string name) : IGuestSession
    {
        public void Call(ReadOnlySpan<byte> payload, IBufferWriter<byte> response) => response.Write(owner.Answer(name, payload));

        public void Dispose() => owner.Open--;
    }

    private byte[] Answer(string name, ReadOnlySpan<byte> payload) => answer(name, Encoding.UTF8.GetString(payload));
}
