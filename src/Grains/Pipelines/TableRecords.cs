using System.Collections.Immutable;
using System.Text.Json;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>
/// The answer of a function whose sink is a table: a list such as
/// <c>[{"upsert": {"id": 1, "name": "Ada"}}, {"add": {"customer": "Ada", "orders": 1}}, {"delete": {"id": 2}}]</c>, done in this order.
/// </summary>
internal static class TableRecords
{
    private const string Form = "a function whose sink is a table answers a list of objects, each with one of upsert, add and delete, whose value is an object with columns";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>Reads an answer; an empty one has none.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.SinkFailed"/>: it is none.</exception>
    public static ImmutableArray<TableRecord> Read(ReadOnlyMemory<byte> answer)
    {
        if (answer.IsEmpty)
        {
            return [];
        }

        try
        {
            // Not disposed of: the records are parts of it.
            return Read(JsonDocument.Parse(answer, Strict).RootElement);
        }
        catch (JsonException e)
        {
            throw new SandboxException(ErrorCodes.SinkFailed, $"The function's answer is no JSON: {e.Message} — {Form}.", e);
        }
        catch (InvalidOperationException e)
        {
            // A name whose escapes are half of a surrogate pair.
            throw new SandboxException(ErrorCodes.SinkFailed, "The function's answer has a name that is no Unicode.", e);
        }
    }

    private static ImmutableArray<TableRecord> Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Array)
        {
            throw Refuse($"The function's answer is {Names.Shorten(root.GetRawText())}");
        }

        var records = ImmutableArray.CreateBuilder<TableRecord>(root.GetArrayLength());
        foreach (var element in root.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Object || element.GetPropertyCount() != 1)
            {
                throw Refuse($"Record {records.Count} of the function's answer is {Names.Shorten(element.GetRawText())}");
            }

            var member = element.EnumerateObject().First();
            TableVerb? verb = member.Name switch
            {
                "upsert" => TableVerb.Upsert,
                "add" => TableVerb.Add,
                "delete" => TableVerb.Delete,
                _ => null,
            };
            records.Add(verb is { } known && member.Value.ValueKind == JsonValueKind.Object
                ? new TableRecord(known, member.Value)
                : throw Refuse($"Record {records.Count} of the function's answer is {Names.Shorten(element.GetRawText())}"));
        }

        return records.MoveToImmutable();
    }

    private static SandboxException Refuse(string what) => new(ErrorCodes.SinkFailed, $"{what}; {Form}.");
}
