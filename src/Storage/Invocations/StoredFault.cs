using System.Collections.Immutable;
using System.Text.Json.Serialization;
using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Storage.Invocations;

/// <summary>Why an invocation failed, as its row keeps it.</summary>
internal sealed record StoredFault
{
    [JsonPropertyName("code")]
    public required string Code { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }

    [JsonPropertyName("limit")]
    public long? Limit { get; init; }

    [JsonPropertyName("value")]
    public long? Value { get; init; }

    [JsonPropertyName("backtrace")]
    public ImmutableArray<string> Backtrace { get; init; } = [];

    public static StoredFault Of(InvocationFault fault) => new()
    {
        Code = fault.Code,
        Message = fault.Message,
        Limit = fault.Limit,
        Value = fault.Value,
        Backtrace = fault.Backtrace,
    };

    public InvocationFault ToFault() => new() { Code = Code, Message = Message, Limit = Limit, Value = Value, Backtrace = Backtrace };
}
