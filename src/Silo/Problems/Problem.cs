using System.Collections.Immutable;
using System.Text.Json.Serialization;
using HeliosEdge.Grains.Abstractions.Databases;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Errors;

namespace HeliosEdge.Silo.Problems;

/// <summary>Problem details (RFC 9457) with the extension members of this API.</summary>
internal sealed record Problem
{
    /// <summary><c>urn:heliosedge:problem:</c> and the code.</summary>
    public string Type => $"urn:heliosedge:problem:{Code}";

    /// <summary>The same words for every problem of a code.</summary>
    public string Title => ErrorKind.Of(Code).Title;

    /// <summary>The HTTP status.</summary>
    public int Status { get; init; }

    /// <summary>What was wrong this time, for people.</summary>
    public required string Detail { get; init; }

    /// <summary>What was wrong, for programs: one word that never changes its meaning.</summary>
    public required string Code { get; init; }

    /// <summary>The limit that was broken, where one was.</summary>
    public long? Limit { get; init; }

    /// <summary>The value that broke the limit, where it is known.</summary>
    public long? Value { get; init; }

    /// <summary>Where in an invalid module's bytes, counted from 0.</summary>
    public long? Offset { get; init; }

    /// <summary>The SQLSTATE of a statement that failed.</summary>
    public string? Sqlstate { get; init; }

    /// <summary>Where in a statement that failed, in characters from 1.</summary>
    public int? Position { get; init; }

    /// <summary>Which statement of a batch failed, counted from 0.</summary>
    public int? Statement { get; init; }

    /// <summary>The guest's calls when it was stopped, innermost first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Backtrace { get; init; }

    public static Problem Of(string code, string detail) => new() { Code = code, Detail = detail, Status = ErrorKind.Of(code).Status };

    public static Problem Of(SandboxException e) => Of(e.Code, e.Message) with
    {
        Limit = e.Limit,
        Value = e.Value,
        Offset = e.Offset,
        Backtrace = OrNull(e.Backtrace),
    };

    /// <summary>A request that is none, or came too slowly.</summary>
    public static Problem OfRejected(BadHttpRequestException e)
    {
        var code = e.StatusCode is StatusCodes.Status400BadRequest or StatusCodes.Status411LengthRequired or StatusCodes.Status414UriTooLong
            or StatusCodes.Status431RequestHeaderFieldsTooLarge or StatusCodes.Status505HttpVersionNotsupported
            ? ErrorCodes.MalformedRequest
            : CodeOf(e.StatusCode);
        return Of(code, e.Message) with { Status = e.StatusCode };
    }

    /// <summary>The code of a response that ASP.NET Core left without a body.</summary>
    public static string CodeOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => ErrorCodes.NotFound,
        StatusCodes.Status405MethodNotAllowed => ErrorCodes.MethodNotAllowed,
        StatusCodes.Status408RequestTimeout => ErrorCodes.RequestTimeout,
        StatusCodes.Status413PayloadTooLarge => ErrorCodes.PayloadTooLarge,
        StatusCodes.Status415UnsupportedMediaType => ErrorCodes.UnsupportedMediaType,
        StatusCodes.Status503ServiceUnavailable => ErrorCodes.Unavailable,
        >= 500 => ErrorCodes.InternalError,
        _ => ErrorCodes.InvalidParameter,
    };

    public static Problem Of(InvocationFault fault) => Of(fault.Code, fault.Message) with
    {
        Limit = fault.Limit,
        Value = fault.Value,
        Backtrace = OrNull(fault.Backtrace),
    };

    public static Problem Of(DatabaseFault fault) => Of(fault.Code, fault.Message) with
    {
        Limit = fault.Limit,
        Value = fault.Value,
        Sqlstate = fault.SqlState,
        Position = fault.Position,
        Statement = fault.Statement,
    };

    private static IReadOnlyList<string>? OrNull(ImmutableArray<string> lines) => lines.IsDefaultOrEmpty ? null : lines;
}
