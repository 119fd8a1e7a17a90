using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using HeliosEdge.Sandbox.Errors;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.Silo.Tests.Http;

public sealed class ProtocolTests(OneSilo shared) : IClassFixture<OneSilo>
{
    private readonly TestSilo _silo = shared.Silo;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task One_port_speaks_both_versions_of_HTTP(string version)
    {
        await _silo.DeployAsync("versions", "echo");
        Http2PriorKnowledge.IsAvailable.ShouldBeTrue();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/functions/versions/invoke")
        {
            Content = new ByteArrayContent([7]),
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var response = await _silo.Http.SendAsync(request);

        response.Version.ShouldBe(Version.Parse(version));
        (await response.Content.ReadAsByteArrayAsync()).ShouldBe([7]);
    }

    [Fact]
    public async Task A_connection_whose_first_bytes_come_one_by_one_is_understood()
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, _silo.Http.BaseAddress!.Port);
        await using var stream = client.GetStream();

        foreach (var part in new[] { "P", "UT", " /v1/modules", " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" })
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(part));
            await Task.Delay(20);
        }

        var answer = await new StreamReader(stream).ReadToEndAsync();
        answer.ShouldStartWith("HTTP/1.1 422 ");
        answer.ShouldContain("\"code\":\"invalid_module\"");
    }

    [Theory]
    [InlineData("GET", "/nowhere", HttpStatusCode.NotFound, "not_found")]
    [InlineData("GET", "/v1/functions/a/b", HttpStatusCode.NotFound, "not_found")]
    [InlineData("DELETE", "/v1/modules", HttpStatusCode.MethodNotAllowed, "method_not_allowed")]
    [InlineData("GET", "/v1/functions/a/invoke", HttpStatusCode.MethodNotAllowed, "method_not_allowed")]
    public async Task What_there_is_not_is_a_problem_too(string method, string path, HttpStatusCode status, string code)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path);

        var problem = await Answer.ProblemAsync(await _silo.Http.SendAsync(request), status, code);

        problem["detail"]!.GetValue<string>().ShouldContain(path);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task A_silo_that_serves_is_healthy_and_ready(string path) =>
        (await Answer.JsonAsync(await _silo.Http.GetAsync(path)))["status"]!.GetValue<string>().ShouldBe("ok");

    [Fact]
    public async Task The_API_is_described_with_every_route_and_code()
    {
        var document = await Answer.JsonAsync(await _silo.Http.GetAsync("/openapi/v1.json"));

        var routes = document["paths"]!.AsObject().SelectMany(path =>
            path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}"));
        var served = _silo.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
                .Select(method => $"{method} {Regex.Replace(endpoint.RoutePattern.RawText!, ":[^}]*|[*][*]", string.Empty)}"))
            .Where(route => !route.StartsWith("GET /openapi/", StringComparison.Ordinal))
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        served.Count.ShouldBeGreaterThan(15);
        routes.Order(StringComparer.Ordinal).ShouldBe(served);
        foreach (var operation in document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()))
        {
            operation.Value!["summary"]!.GetValue<string>().ShouldNotBeEmpty();
        }

        var description = document["info"]!["description"]!.GetValue<string>();
        ErrorKind.All.ShouldAllBe(kind => description.Contains($"`{kind.Code}`", StringComparison.Ordinal));
        var limits = document["components"]!["schemas"]!["LimitsBody"]!["properties"]!.AsObject();
        limits.Select(property => property.Key).ShouldBe(LimitKinds.Names);
        document["components"]!["schemas"]!["FunctionBody"]!["properties"]!["engine"]!["description"]!.GetValue<string>().ShouldContain("if the operator allows it");
        var upload = document["paths"]!["/v1/modules"]!["put"]!;
        upload["description"]!.GetValue<string>().ShouldEndWith("Needs the scope deploy.");
        upload["security"]![0]!["bearer"].ShouldNotBeNull();
        upload["responses"]!["401"].ShouldNotBeNull();
        document["paths"]!["/healthz"]!["get"]!["security"].ShouldBeNull();
        document["components"]!["securitySchemes"]!["bearer"]!["scheme"]!.GetValue<string>().ShouldBe("bearer");
        var payload = document["paths"]!["/v1/functions/{name}/invoke"]!["post"]!["requestBody"]!["content"]!.AsObject();
        payload.Single().Key.ShouldBe("application/octet-stream");
    }
}
