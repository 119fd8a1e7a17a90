using System.Net.Mime;
using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Http;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace HeliosEdge.Silo.Functions;

/// <summary>Functions as plain HTTP: the request is theirs, and so is the answer.</summary>
internal static class HttpFunctionEndpoint
{
    // A page is not to act for the silo's origin, which the API is on; the header adds to what the function itself sends.
    private const string Sandbox = "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts";

    private static readonly AnswerForm Http = new HttpForm();

    private static readonly string[] Described =
    [
        HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete, HttpMethods.Options,
    ];

    public static void MapHttpFunctions(this WebApplication app)
    {
        foreach (var pattern in new[] { "/fn/{name}", "/fn/{name}/{**path}" })
        {
            app.MapMethods(pattern, Described, AnswerAsync)
                .Needs(Scopes.Invoke)
                .WithTags("Functions")
                .WithSummary("Has a function answer an HTTP request.")
                .WithDescription(
                    $"Method, path, query, headers and body are the function's, and so are status, headers and body of the answer; docs/guest-abi.md tells how each ABI has them. Any method but CONNECT is taken. The header {HeliosHeaders.Region} names a region, {HeliosHeaders.Failover} others that are tried where it cannot be reached, {HeliosHeaders.Deadline} says how many milliseconds the caller will wait. What the function sees has no header of the platform or of the connection, and nothing that the caller showed the silo. The answer has the headers {HeliosHeaders.Region}, {HeliosHeaders.Duration}, {HeliosHeaders.Version}, {HeliosHeaders.ModuleHash} and {HeliosHeaders.Engine}.")
                .TakesBytes("The request's body, of any type.")
                .AddOpenApiOperationTransformer((operation, context, _) =>
                {
                    // One route is an operation for each method.
                    operation.OperationId = $"{context.Description.HttpMethod!.ToLowerInvariant()}Function{(pattern.EndsWith('}') && pattern.Contains("**", StringComparison.Ordinal) ? "Path" : string.Empty)}";
                    return Task.CompletedTask;
                })
                .AnswersBytes("What the function answers; the status, from 200 to 599, and the type are the function's.")
                .ProducesInvocationProblems();

            // No methods stated are all of them; OpenAPI has no way to say that.
            app.MapMethods(pattern, [], AnswerAsync).Needs(Scopes.Invoke);
        }
    }

    private static async Task AnswerAsync(HttpContext http, string name, InboundCalls calls)
    {
        var request = http.Request;
        if (HttpMethods.IsConnect(request.Method))
        {
            http.Response.Headers.Allow = string.Join(", ", Described);
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        var region = request.Headers.TryGetValue(HeliosHeaders.Region, out var stated) ? stated.ToString() : null;
        var call = calls.Open(http, name, region, request.Headers[HeliosHeaders.Failover].ToString());
        var head = HttpRequestHead.Of(http, name);
        if (call.MayStream && IsWorthFeeding(http))
        {
            await call.AnswerWhileReadingAsync(head, request.ContentLength, Http);
            return;
        }

        // Without a body nothing is worth sending early, and its length is known only in the end.
        var stream = HttpMethods.IsHead(request.Method) ? null : new StreamedResponse();
        await call.AnswerAsync(call.Order(await call.ReadBodyAsync("The body"), head, stream), Http);
    }

    /// <summary>Whether a body is so large, or of so unknown a length, that a function may as well begin before it is whole.</summary>
    private static bool IsWorthFeeding(HttpContext http) =>
        !(http.Request.ContentLength <= StreamedRequest.SmallBytes)
        && !HttpMethods.IsHead(http.Request.Method)
        && http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };

    private static void WriteHead(HttpResponse response, HttpAnswer head)
    {
        response.StatusCode = head.Status;
        foreach (var (name, value) in head.Headers)
        {
            Add(response.Headers, name, value);
        }

        Add(response.Headers, "Content-Security-Policy", Sandbox);
    }

    // What ASP.NET Core has for this takes an empty value for none, and drops the header.
    private static void Add(IHeaderDictionary headers, string name, string value) =>
        headers[name] = headers.TryGetValue(name, out var before) ? new StringValues([.. before, value]) : new StringValues(value);

    private static async Task WriteBodyAsync(HttpContext http, HttpAnswer head, ReadOnlyMemory<byte> body)
    {
        var response = http.Response;
        var isHead = HttpMethods.IsHead(http.Request.Method);
        if (body.Length > 0)
        {
            response.ContentType ??= MediaTypeNames.Application.Octet;
        }

        // To HEAD, and with 304, it is the length of a body that is not sent: of the one that the function gave, unless it says another.
        response.ContentLength =
            head.Status == StatusCodes.Status304NotModified ? head.StatedLength
            : !head.MayHaveBody() ? null
            : isHead ? head.StatedLength ?? (body.Length > 0 ? body.Length : null)
            : body.Length;

        // An error without a body is the function's, too: once it has begun, nobody makes a problem of it.
        await response.StartAsync(http.RequestAborted);
        if (body.Length > 0 && !isHead)
        {
            await response.BodyWriter.WriteAsync(body, http.RequestAborted);
        }
    }

    private sealed class HttpForm : AnswerForm
    {
        public override ReadOnlyMemory<byte> Begin(HttpResponse response, HttpAnswer head)
        {
            WriteHead(response, head);
            response.ContentType ??= MediaTypeNames.Application.Octet;
            return default;
        }

        public override Task WriteAsync(HttpContext http, InvocationResult result, ReadOnlyMemory<byte> body)
        {
            WriteHead(http.Response, result.Http!);
            return WriteBodyAsync(http, result.Http!, body);
        }
    }
}
