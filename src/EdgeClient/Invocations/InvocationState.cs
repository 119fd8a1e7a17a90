using System.Text.Json.Serialization;

namespace HeliosEdge.Client;

/// <summary>Where an asynchronous invocation is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<InvocationState>))]
public enum InvocationState
{
    /// <summary>It waits for its first attempt or for the next one.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,

    /// <summary>An attempt runs.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>It has a response.</summary>
    [JsonStringEnumMemberName("succeeded")]
    Succeeded,

    /// <summary>It has a fault that another attempt would not mend.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Every attempt that it may have has failed; it can be queued again.</summary>
    [JsonStringEnumMemberName("dead")]
    Dead,

    /// <summary>It was taken back.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}
