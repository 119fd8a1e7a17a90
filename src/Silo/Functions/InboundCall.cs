using System.Collections.Immutable;
using System.Diagnostics;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Http;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Problems;

namespace HeliosEdge.Silo.Functions;

/// <summary>
/// A call of a function that came over HTTP, from its head to its answer. Endpoints differ in how they read the request and in the form of the answer.
/// </summary>
internal sealed class InboundCall(InboundCalls calls, HttpContext http, string function, string? region, string? failover, CallTerms terms)
{
    private readonly long _arrived = Stopwatch.GetTimestamp();
    private ImmutableArray<string> _regions;

    /// <summary>The function's name.</summary>
    public string Function => function;

    /// <summary>The region that the caller states.</summary>
    public string? Region => region;

    /// <summary>The regions that the caller would have tried instead.</summary>
    public ImmutableArray<string> Failover { get; } =
        string.IsNullOrEmpty(failover) ? [] : [.. failover.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>The regions that are tried, in order; at least one.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.RegionNotFound"/> or <see cref="ErrorCodes.FunctionNotFound"/>.</exception>
    public ImmutableArray<string> Regions => _regions.IsDefault ? _regions = calls.RegionsFor(this) : _regions;

    /// <summary>Whether its body can be taken while it comes: nobody else is tried who would need it again.</summary>
    public bool MayStream => Regions.Length == 1;

    private int MaxBodyBytes => calls.MaxBodyBytes(function, Regions[0]);

    /// <summary>Reads the whole body.</summary>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="frameBytes">Bytes that may come with it.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PayloadTooLarge"/>, or as <see cref="Regions"/>.</exception>
    public ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(string what, int frameBytes = 0) =>
        RequestBody.ReadAsync(http.Request, MaxBodyBytes + frameBytes, ErrorCodes.PayloadTooLarge, what);

    /// <summary>Reads the whole body of a call with an idempotency key, whose answer may be known even where the function is gone.</summary>
    /// <param name="what">What it is, for messages.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PayloadTooLarge"/>.</exception>
    public ValueTask<ReadOnlyMemory<byte>> ReadKeyedBodyAsync(string what) =>
        RequestBody.ReadAsync(http.Request, calls.MaxBodyBytes(function), ErrorCodes.PayloadTooLarge, what);

    /// <summary>What is asked of the regions.</summary>
    /// <param name="payload">What the guest gets.</param>
    /// <param name="request">The HTTP request that the payload is the body of; null for a call that is none.</param>
    /// <param name="stream">Takes the answer while the guest writes it; null for an answer that comes whole.</param>
    public InvocationOrder Order(ReadOnlyMemory<byte> payload, HttpCall? request = null, StreamedResponse? stream = null) => new()
    {
        Function = function,
        Region = region,
        Failover = Failover,
        Payload = payload,
        Http = request,
        Stream = stream,
        PatienceMs = terms.DeadlineMs,
        Since = _arrived,
        Hops = terms.Hops,
        TraceParent = terms.TraceParent,
        TraceState = terms.TraceState,
    };

    /// <summary>Runs the call while the rest of the request comes, and answers it.</summary>
    /// <param name="request">The head of the HTTP request whose body the rest is.</param>
    /// <param name="length">Bytes of the rest; null if nobody knows.</param>
    /// <param name="form">How the answer is written.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PayloadTooLarge"/>.</exception>
    public async Task AnswerWhileReadingAsync(HttpCall request, long? length, AnswerForm form)
    {
        var limit = MaxBodyBytes;
        RequestBody.ThrowIfTooLarge(length, limit, ErrorCodes.PayloadTooLarge, "The body");
        var stream = new StreamedResponse { Request = new StreamedRequest(length) };
        await using var feed = new RequestFeed(http, stream.Request, limit);
        await AnswerAsync(Order(default, request, stream), form, feed);
    }

    /// <summary>Runs the call and answers it.</summary>
    /// <param name="order">What is asked.</param>
    /// <param name="form">How the answer is written.</param>
    /// <param name="feed">What feeds the body of <paramref name="order"/>; null where that is whole.</param>
    public async Task AnswerAsync(InvocationOrder order, AnswerForm form, RequestFeed? feed = null)
    {
        var stream = order.Stream;
        var running = calls.RunAsync(order, Regions, http.RequestAborted);
        if (stream is not null && await StreamedAnswer.HasBegunAsync(stream, running))
        {
            await StreamedAnswer.PassOnAsync(http, function, stream, running, form.Begin(http.Response, (await stream.Begun).Result.Http!));
            return;
        }

        var (ranIn, result) = await running;
        if (result.Fault is not null)
        {
            feed?.ThrowIfRefused();
        }

        await WriteAsync(ranIn, result, stream is { Begun.IsCompleted: true } ? await stream.WholeAsync() : result.Response, form);
    }

    /// <summary>Runs a call with an idempotency key, unless that has been done, and answers it.</summary>
    public async Task AnswerKeyedAsync(KeyedInvocations keyed, CallKey key, InvocationOrder order, AnswerForm form)
    {
        var answer = await keyed.InvokeAsync(key, order, http.RequestAborted);
        if (answer.IsReplay)
        {
            http.Response.Headers[HeliosHeaders.IdempotentReplay] = "true";
        }

        await WriteAsync(answer.Region, answer.Result, answer.Result.Response, form);
    }

    /// <summary>Answers with what came of it.</summary>
    /// <param name="ranIn">The region in which it ran.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="body">The answer's body.</param>
    /// <param name="form">How the answer is written.</param>
    public Task WriteAsync(string ranIn, InvocationResult result, ReadOnlyMemory<byte> body, AnswerForm form)
    {
        InvocationAnswer.Tell(http.Response, ranIn, result);
        return result.Fault is { } fault ? http.WriteProblemAsync(Problem.Of(fault)) : form.WriteAsync(http, result, body);
    }
}
