using System.Text.Json.Serialization;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>What of changes stays in order.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChangeOrder>))]
public enum ChangeOrder
{
    /// <summary>All changes of the pipeline's tables, as they were committed.</summary>
    [JsonStringEnumMemberName("table")]
    Table,

    /// <summary>Those of each row; different rows come at the same time.</summary>
    [JsonStringEnumMemberName("key")]
    Key,
}
