using System.Text.Json.Serialization;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>How a pipeline is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PipelineState>))]
public enum PipelineState
{
    /// <summary>It delivers what there is.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Somebody has it wait. Changes are held for it.</summary>
    [JsonStringEnumMemberName("paused")]
    Paused,

    /// <summary>It has stopped at something that only people can mend. Changes are held for it.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Changes that it had not delivered are not there any more, and none are held for it. It goes on with a new snapshot only.</summary>
    [JsonStringEnumMemberName("lost")]
    Lost,
}
