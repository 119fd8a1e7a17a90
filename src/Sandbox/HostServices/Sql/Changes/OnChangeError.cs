using System.Text.Json.Serialization;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>What becomes of a change that is not taken.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OnChangeError>))]
public enum OnChangeError
{
    /// <summary>It is tried again some times, with backoff; then it goes to the dead changes.</summary>
    [JsonStringEnumMemberName("retry")]
    Retry,

    /// <summary>It goes to the dead changes at once.</summary>
    [JsonStringEnumMemberName("skip")]
    Skip,

    /// <summary>The pipeline stops before it, until somebody has it go on.</summary>
    [JsonStringEnumMemberName("stop")]
    Stop,
}
