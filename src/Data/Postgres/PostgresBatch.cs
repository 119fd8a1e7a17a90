using System.Runtime.CompilerServices;
using Npgsql;

namespace HeliosEdge.Data.Postgres;

/// <summary>Statements that go to the server at once. Each is one statement: the server refuses several in one.</summary>
internal static class PostgresBatch
{
    public static NpgsqlBatch Of(NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> commands, TimeSpan time)
    {
        var batch = connection.CreateBatch();
        batch.Timeout = (int)Math.Clamp(Math.Ceiling(time.TotalSeconds), 1, int.MaxValue / 1_000);
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        AskForText(batch, true);
        return batch;
    }

    // A batch can ask for its results as text as a command can, but says so to its own assembly only. A command cannot be used instead:
    // without parameters it looks for several statements in its text by itself.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_AllResultTypesAreUnknown")]
    private static extern void AskForText(NpgsqlBatch batch, bool value);
}
