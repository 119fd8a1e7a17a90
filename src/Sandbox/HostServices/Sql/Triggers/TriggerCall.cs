using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HeliosEdge.Sandbox.HostServices.Sql.Triggers;

/// <summary>What a trigger of SQLite tells before the values of a row: whom to ask about what. It is written into the trigger, so that a row needs no look at anything else.</summary>
/// <param name="Trigger">The trigger's name.</param>
/// <param name="Event">The event.</param>
/// <param name="Table">The table.</param>
/// <param name="Function">The function that judges.</param>
/// <param name="Key">The columns that are the row's key; their values come first.</param>
/// <param name="Others">The other columns that are passed on.</param>
/// <param name="Shown">The columns that the guest gets.</param>
internal sealed record TriggerCall(string Trigger, string Event, string Table, string Function, string[] Key, string[] Others, string[] Shown)
{
    private TriggerRow? _row;
    private byte[]? _beginning;

    /// <summary>The columns as a row.</summary>
    [JsonIgnore]
    public TriggerRow Row => _row ??= new TriggerRow([.. Key, .. Others], Key.Length, [.. Shown]);

    /// <summary>What the guest gets before the row, which is the same for each: an object that is still open, up to the value of "old".</summary>
    [JsonIgnore]
    public ReadOnlySpan<byte> Beginning => _beginning ??= Begin();

    private byte[] Begin()
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("trigger", Trigger);
            writer.WriteString("event", Event);
            writer.WriteString("table", Table);
            writer.WritePropertyName("old");
        }

        return json.WrittenSpan.ToArray();
    }
}
