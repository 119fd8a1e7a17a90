using System.Collections.Immutable;
using System.Diagnostics;
using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Http;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace HeliosEdge.Silo.Functions;

/// <summary>Functions as plain HTTP: the request is theirs, and so is the answer.</summary>
internal static class HttpFunctionEndpoint
{
    private const string OctetStream = "application/octet-stream";

    // A page is not to act for the silo's origin, which the API is on; the header adds to what the function itself sends.
    private const string Sandbox = "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts";

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
                    $"Method, path, query, headers and body are the function's, and so are status, headers and body of the answer; docs/guest-abi.md tells how each ABI has them. Any method but CONNECT is taken. The header {HeliosHeaders.Region} names a region, {HeliosHeaders.Failover} others that are tried where it can not be reached, {HeliosHeaders.Deadline} says how many milliseconds the caller will wait. What the function sees has no header of the platform or of the connection, and nothing that the caller showed the silo. The answer has the headers {HeliosHeaders.Region}, {HeliosHeaders.Duration}, {HeliosHeaders.Version} and {HeliosHeaders.ModuleHash}.")
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

    private static async Task AnswerAsync(
        HttpContext http, string name, FunctionCatalog catalog, ServedRegions regions, InvocationRouter router, SandboxPolicy policy)
    {
        var arrived = Stopwatch.GetTimestamp();
        if (HttpMethods.IsConnect(http.Request.Method))
        {
            http.Response.Headers.Allow = string.Join(", ", Described);
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        var terms = CallTerms.Of(http.Request);

        var order = new InvocationOrder
        {
            Function = name,
            Region = http.Request.Headers.TryGetValue(HeliosHeaders.Region, out var region) ? region.ToString() : null,
            Failover =
            [
                .. http.Request.Headers[HeliosHeaders.Failover].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            ],
            PatienceMs = terms.DeadlineMs,
            Hops = terms.Hops,
            TraceParent = terms.TraceParent,
            TraceState = terms.TraceState,
            Http = HttpRequestHead.Of(http, name),
        };
        var candidates = router.Candidates(order);
        var limit = regions.Contains(candidates[0]) ? catalog.MaxPayloadBytes(name) : policy.Ceiling.MaxPayloadBytes;
        if (IsWorthFeeding(http) && candidates.Length == 1)
        {
            RequestBody.ThrowIfTooLarge(http.Request.ContentLength, limit, ErrorCodes.PayloadTooLarge, "The body");
            var both = new StreamedResponse { Request = new StreamedRequest(http.Request.ContentLength) };
            await using var feed = new RequestFeed(http, both.Request, limit);
            await RunAsync(http, order, candidates, both, router, feed);
            return;
        }

        var body = await RequestBody.ReadAsync(http.Request, limit, ErrorCodes.PayloadTooLarge, "The body");
        if (terms.DeadlineMs is { } deadline)
        {
            order = order with { PatienceMs = deadline - (int)Stopwatch.GetElapsedTime(arrived).TotalMilliseconds };
        }

        // Without a body nothing is worth sending early, and its length is known only in the end.
        var stream = HttpMethods.IsHead(http.Request.Method) ? null : new StreamedResponse();
        await RunAsync(http, order with { Payload = body }, candidates, stream, router, null);
    }

    /// <summary>Whether a body is so large, or of so unknown a length, that a function may as well begin before it is whole.</summary>
    private static bool IsWorthFeeding(HttpContext http) =>
        !(http.Request.ContentLength <= StreamedRequest.SmallBytes)
        && !HttpMethods.IsHead(http.Request.Method)
        && http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };

    private static async Task RunAsync(
        HttpContext http, InvocationOrder order, ImmutableArray<string> candidates, StreamedResponse? stream, InvocationRouter router, RequestFeed? feed)
    {
        var running = router.InvokeAsync(order with { Stream = stream }, candidates, http.RequestAborted);
        if (stream is not null && await StreamedAnswer.HasBegunAsync(stream, running))
        {
            WriteHead(http.Response, (await stream.Begun).Result.Http!);
            http.Response.ContentType ??= OctetStream;
            await StreamedAnswer.PassOnAsync(http, order.Function, stream, running);
            return;
        }

        var (ranIn, result) = await running;
        if (result.Fault is not null)
        {
            feed?.ThrowIfRefused();
        }

        InvocationAnswer.Tell(http.Response, ranIn, result);
        if (result.Fault is { } fault)
        {
            await http.WriteProblemAsync(Problem.Of(fault));
            return;
        }

        WriteHead(http.Response, result.Http!);
        await WriteBodyAsync(http, result.Http!, stream is { Begun.IsCompleted: true } ? await stream.WholeAsync() : result.Response);
    }

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
            response.ContentType ??= OctetStream;
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
}
