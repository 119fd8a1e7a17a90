using System.Net;
using Shouldly;
using Xunit;

namespace HeliosEdge.Client.Tests;

/// <summary>Every code of the contract comes out as the exception that callers catch for it.</summary>
public sealed class ProblemTests
{
    [Theory]
    [InlineData("function_not_found", 404, typeof(EdgeFunctionNotFoundException))]
    [InlineData("version_not_found", 404, typeof(EdgeVersionNotFoundException))]
    [InlineData("region_not_found", 404, typeof(EdgeRegionNotFoundException))]
    [InlineData("module_not_found", 404, typeof(EdgeModuleNotFoundException))]
    [InlineData("module_too_large", 413, typeof(EdgeModuleTooLargeException))]
    [InlineData("unauthenticated", 401, typeof(EdgeUnauthenticatedException))]
    [InlineData("forbidden", 403, typeof(EdgeForbiddenException))]
    [InlineData("rate_limited", 429, typeof(EdgeRateLimitedException))]
    [InlineData("overloaded", 429, typeof(EdgeOverloadedException))]
    [InlineData("invalid_module", 400, typeof(EdgeInvalidModuleException))]
    [InlineData("payload_too_large", 413, typeof(EdgePayloadTooLargeException))]
    [InlineData("response_too_large", 502, typeof(EdgeResponseTooLargeException))]
    [InlineData("timeout", 504, typeof(EdgeTimeoutException))]
    [InlineData("memory_limit_exceeded", 502, typeof(EdgeMemoryLimitException))]
    [InlineData("trap", 502, typeof(EdgeTrapException))]
    [InlineData("invalid_parameter", 400, typeof(EdgeException))]
    [InlineData("untrusted_module", 422, typeof(EdgeUntrustedModuleException))]
    [InlineData("capability_denied", 422, typeof(EdgeCapabilityDeniedException))]
    [InlineData("guest_exit", 502, typeof(EdgeGuestExitException))]
    [InlineData("sandbox_violation", 502, typeof(EdgeSandboxViolationException))]
    [InlineData("fuel_exhausted", 502, typeof(EdgeLimitExceededException))]
    [InlineData("host_calls_exceeded", 502, typeof(EdgeLimitExceededException))]
    [InlineData("http_requests_exceeded", 502, typeof(EdgeLimitExceededException))]
    [InlineData("log_limit_exceeded", 502, typeof(EdgeLimitExceededException))]
    [InlineData("statement_failed", 422, typeof(EdgeStatementException))]
    [InlineData("statement_conflict", 409, typeof(EdgeStatementException))]
    [InlineData("corrupted_response", 502, typeof(EdgeException))]
    [InlineData("a_code_of_the_future", 418, typeof(EdgeException))]
    public async Task ACodeDecidesTheException(string code, int status, Type expected)
    {
        await using var server = RawServer.Answering(
            status,
            "application/problem+json",
            $$"""{"type":"about:blank","title":"No","status":{{status}},"detail":"The limit is 5, the value 6.","code":"{{code}}","more":[1]}""");
        using var client = new HttpEdgeClient(server.Address);

        var error = await Should.ThrowAsync<EdgeException>(() => client.InvokeAsync("f", null, default));

        error.ShouldBeOfType(expected);
        error.Code.ShouldBe(code);
        error.Status.ShouldBe((HttpStatusCode)status);
        error.Detail.ShouldBe("The limit is 5, the value 6.");
        error.Message.ShouldBe(error.Detail);
    }

    [Fact]
    public async Task ATrapCarriesTheGuestsCalls()
    {
        await using var server = RawServer.Answering(
            502, "application/problem+json", """{"code":"trap","detail":"unreachable","backtrace":["inner","func[3]"]}""");
        using var client = new HttpEdgeClient(server.Address);

        var error = await Should.ThrowAsync<EdgeTrapException>(() => client.InvokeAsync("f", null, default));

        error.Backtrace.ShouldBe(["inner", "func[3]"]);
    }

    [Fact]
    public async Task ALimitComesWithItsNumbers()
    {
        await using var server = RawServer.Answering(
            502, "application/problem+json", """{"code":"log_limit_exceeded","detail":"too much","limit":5000000000,"value":5000000001}""");
        using var client = new HttpEdgeClient(server.Address);

        var error = await Should.ThrowAsync<EdgeLimitExceededException>(() => client.InvokeAsync("f", null, default));

        (error.Limit, error.Value).ShouldBe((5_000_000_000, 5_000_000_001));
    }

    [Fact]
    public async Task WithoutDetailTheTitleSaysWhatWasWrong()
    {
        await using var server = RawServer.Answering(400, "application/problem+json", """{"title":"Bad name","code":"invalid_parameter"}""");
        using var client = new HttpEdgeClient(server.Address);

        var error = await Should.ThrowAsync<EdgeException>(() => client.DeleteFunctionAsync("f"));

        error.Detail.ShouldBe("Bad name");
    }
}
