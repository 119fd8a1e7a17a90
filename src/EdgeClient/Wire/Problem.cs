using System.Net;

namespace HeliosEdge.Client.Wire;

/// <summary>Problem details (RFC 9457) with the extension member <c>code</c>.</summary>
internal sealed record Problem
{
    public string? Code { get; init; }

    public string? Title { get; init; }

    public string? Detail { get; init; }

    public long? Limit { get; init; }

    public long? Value { get; init; }

    public string? Sqlstate { get; init; }

    public int? Position { get; init; }

    public int? Statement { get; init; }

    public IReadOnlyList<string>? Backtrace { get; init; }

    public EdgeException ToException(string code, HttpStatusCode? status)
    {
        var detail = Detail ?? Title ?? code;
        return code switch
        {
            EdgeFunctionNotFoundException.StableCode => new EdgeFunctionNotFoundException(status, detail),
            EdgeVersionNotFoundException.StableCode => new EdgeVersionNotFoundException(status, detail),
            EdgeModuleNotFoundException.StableCode => new EdgeModuleNotFoundException(status, detail),
            EdgeModuleTooLargeException.StableCode => new EdgeModuleTooLargeException(status, detail),
            EdgeUnauthenticatedException.StableCode => new EdgeUnauthenticatedException(status, detail),
            EdgeForbiddenException.StableCode => new EdgeForbiddenException(status, detail),
            EdgeRateLimitedException.StableCode => new EdgeRateLimitedException(status, detail),
            EdgeOverloadedException.StableCode => new EdgeOverloadedException(status, detail),
            EdgeRegionNotFoundException.StableCode => new EdgeRegionNotFoundException(status, detail),
            EdgeInvalidModuleException.StableCode => new EdgeInvalidModuleException(status, detail),
            EdgePayloadTooLargeException.StableCode => new EdgePayloadTooLargeException(status, detail),
            EdgeResponseTooLargeException.StableCode => new EdgeResponseTooLargeException(status, detail),
            EdgeTimeoutException.StableCode => new EdgeTimeoutException(status, detail),
            EdgeMemoryLimitException.StableCode => new EdgeMemoryLimitException(status, detail),
            EdgeCapabilityDeniedException.StableCode => new EdgeCapabilityDeniedException(status, detail),
            EdgeGuestExitException.StableCode => new EdgeGuestExitException(status, detail),
            EdgeSandboxViolationException.StableCode => new EdgeSandboxViolationException(status, detail),
            EdgeUntrustedModuleException.StableCode => new EdgeUntrustedModuleException(status, detail),
            EdgeLimitExceededException.FuelCode or EdgeLimitExceededException.HostCallsCode
                or EdgeLimitExceededException.HttpRequestsCode or EdgeLimitExceededException.LogCode =>
                new EdgeLimitExceededException(code, status, detail, Limit, Value),
            EdgeStatementException.FailedCode or EdgeStatementException.ConflictCode =>
                new EdgeStatementException(code, status, detail) { SqlState = Sqlstate, Position = Position, Statement = Statement },
            EdgeTrapException.StableCode => new EdgeTrapException(status, detail, Backtrace ?? []),
            _ => new EdgeException(code, status, detail),
        };
    }
}
