using System.Text.Json.Serialization;

namespace HeliosEdge.Client;

/// <summary>When a fan-out is done.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FanOutMode>))]
public enum FanOutMode
{
    /// <summary>Once every region has answered.</summary>
    [JsonStringEnumMemberName("all")]
    All,

    /// <summary>Once one region has succeeded; the others are cancelled.</summary>
    [JsonStringEnumMemberName("first")]
    First,

    /// <summary>Once as many regions have succeeded as <see cref="FanOutRequest.Quorum"/> says; the others are cancelled.</summary>
    [JsonStringEnumMemberName("quorum")]
    Quorum,
}
