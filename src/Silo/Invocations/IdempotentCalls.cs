using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using HeliosEdge.Federation;
using HeliosEdge.Grains;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Problems;

namespace HeliosEdge.Silo.Invocations;

/// <summary>
/// Runs a call that has an idempotency key once. The key is claimed on disk before the guest runs, so that no other silo on the same store runs it at
/// the same time; what the guest answered, or how it failed, is stored in the claim's place for repeats. What failed before the guest ran frees the key.
/// A key with which the call was queued stands for what comes of that.
/// </summary>
internal sealed class IdempotentCalls(
    IResultStore results, IInvocationStore invocations, IInvocationWatch watch, IHostApplicationLifetime lifetime, FunctionCatalog catalog, SandboxPolicy policy)
{
    private const string OctetStream = "application/octet-stream";

    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);
    private static readonly string[] KeptHeaders = [HeliosHeaders.Region, HeliosHeaders.Duration, HeliosHeaders.Version, HeliosHeaders.ModuleHash];

    /// <summary>What a call takes at most besides its guest's running time.</summary>
    private static readonly TimeSpan Overhead = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Function, string Key), Task> _running = new();

    private TimeSpan ClaimedFor => TimeSpan.FromMilliseconds(policy.Ceiling.TimeoutMs) + Overhead;

    /// <summary>Runs the endpoint behind it, or answers as it did before.</summary>
    public static ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        return IdempotencyKey.Of(http) is { } key
            ? http.RequestServices.GetRequiredService<IdempotentCalls>().RunAsync(http, key, async () => await next(context))
            : next(context);
    }

    /// <summary>Queues nothing, since the call was answered at once under its key, but stores an invocation that has ended in the same way.</summary>
    /// <param name="http">The request.</param>
    /// <param name="key">Its key.</param>
    /// <param name="region">The region that it states, or null.</param>
    /// <param name="held">What is stored under the key.</param>
    /// <param name="invocation">What would have been queued.</param>
    /// <returns>The invocation, or why there is none.</returns>
    public async Task<(EnqueuedInvocation Invocation, IResult? Refusal)> RecordAsync(
        HttpContext http, IdempotencyKey key, string? region, byte[] held, NewInvocation invocation)
    {
        var stored = Read(held);
        if (Difference(stored, HashOf(invocation.Payload), region) is { } difference)
        {
            return (default, await http.RefuseAsync(KeyProblem.Reused(key.Text, difference)));
        }

        if (stored.Claim is not null)
        {
            return (default, await http.RefuseAsRunningAsync(Claimed(key.Text)));
        }

        var ranIn = stored.Headers.TryGetValue(HeliosHeaders.Region, out var told) ? told : invocation.Region;
        return (
            await invocations.RecordAsync(
                invocation with { Region = ranIn },
                stored.Status == StatusCodes.Status200OK ? (ReadOnlyMemory<byte>?)stored.Body : null,
                stored.Status == StatusCodes.Status200OK ? null : JsonSerializer.Deserialize(stored.Body, ApiJson.Default.Problem)!.ToFault()),
            null);
    }

    private async ValueTask<object?> RunAsync(HttpContext http, IdempotencyKey key, Func<Task> invoke)
    {
        var name = (string)http.GetRouteValue("name")!;
        var slot = (Function: name, Key: key.Slot);
        var limit = catalog.Contains(name) ? catalog.MaxPayloadBytes(name) : policy.Ceiling.MaxPayloadBytes;
        var payload = await RequestBody.ReadAsync(http.Request, limit, ErrorCodes.PayloadTooLarge, "The payload");
        http.Request.Body = new MemoryStream(payload.ToArray(), writable: false);

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (_running.GetOrAdd(slot, done.Task) is var running && running != done.Task)
        {
            await running.WaitAsync(http.RequestAborted);
        }

        Guid? queued;
        try
        {
            queued = await RunAloneAsync(http, slot, key.Text, HashOf(payload), invoke);
        }
        finally
        {
            _running.TryRemove(slot, out _);
            done.SetResult();
        }

        if (queued is { } id)
        {
            await AnswerFromQueueAsync(http, id, key.Text, payload);
        }

        return TypedResults.Empty;
    }

    /// <returns>The invocation that the key was queued with, which is then to be waited for; null where there was an answer.</returns>
    private async Task<Guid?> RunAloneAsync(HttpContext http, (string Function, string Key) slot, string key, string hash, Func<Task> invoke)
    {
        var region = RegionOf(http);
        var claim = ToBytes(new StoredCall(hash, Guid.NewGuid(), 0, null, new Dictionary<string, string>(), [], region));
        var holder = await results.AddAsync(slot.Function, slot.Key, claim, ClaimedFor);
        if (holder.Result is not { } held)
        {
            if (holder.Invocation is null)
            {
                await http.WriteProblemAsync(KeyProblem.OfFanOut(key, holder.FanOut!.Value));
            }

            return holder.Invocation;
        }

        if (held.AsSpan().SequenceEqual(claim))
        {
            var answer = await CallAsync(http, slot, claim, hash, region, invoke);
            await WriteAsync(http, answer);
            return null;
        }

        var stored = Read(held);
        if (Difference(stored, hash, region) is { } difference)
        {
            await http.WriteProblemAsync(KeyProblem.Reused(key, difference));
        }
        else if (stored.Claim is not null)
        {
            await http.RefuseAsRunningAsync(Claimed(key));
        }
        else
        {
            http.Response.Headers[HeliosHeaders.IdempotentReplay] = "true";
            await WriteAsync(http, stored);
        }

        return null;
    }

    /// <summary>Waits for what was queued with the key, as long as the caller will, and answers with what came of it.</summary>
    private async Task AnswerFromQueueAsync(HttpContext http, Guid id, string key, ReadOnlyMemory<byte> payload)
    {
        var invocation = await invocations.FindAsync(id, http.RequestAborted);
        if (invocation is { State: < InvocationState.Succeeded } && IsTheSame(invocation))
        {
            var atMostMs = Math.Min(CallTerms.Of(http.Request).DeadlineMs ?? WaitText.MaxMs, WaitText.MaxMs);
            await LongPoll.WaitAsync(http, lifetime, cancel => watch.WaitAsync(id, TimeSpan.FromMilliseconds(atMostMs), cancel));
            invocation = await invocations.FindAsync(id, http.RequestAborted);
        }

        if (invocation is not null && !IsTheSame(invocation))
        {
            await http.WriteProblemAsync(KeyProblem.Reused(
                key, $"the invocation {id}, which {(invocation.Payload.Span.SequenceEqual(payload.Span) ? $"is of {invocation.Region}" : "has another payload")}"));
            return;
        }

        if (invocation is null or { State: < InvocationState.Succeeded })
        {
            await http.RefuseAsRunningAsync($"The key \"{Names.Shorten(key)}\" belongs to the invocation {id}, which has not ended.");
            return;
        }

        http.Response.Headers[HeliosHeaders.Region] = invocation.Region;
        http.Response.Headers[HeliosHeaders.IdempotentReplay] = "true";
        if (invocation.Response is { } response)
        {
            http.Response.ContentType = OctetStream;
            http.Response.ContentLength = response.Length;
            await http.Response.Body.WriteAsync(response, http.RequestAborted);
            return;
        }

        await http.WriteProblemAsync(invocation is { State: InvocationState.Failed or InvocationState.Dead, Fault: { } fault }
            ? Problem.Of(fault)
            : Problem.Of(ErrorCodes.NoResult, $"The invocation {id}, which has the key, is {InvocationBody.NameOf(invocation.State)}."));

        bool IsTheSame(StoredInvocation earlier) =>
            earlier.Payload.Span.SequenceEqual(payload.Span) && (RegionOf(http) is not { } region || region == earlier.Region);
    }

    private static string? RegionOf(HttpContext http) => http.Request.Query["region"].ToString() is { Length: > 0 } region ? region : null;

    private static string HashOf(ReadOnlyMemory<byte> payload) => Convert.ToHexStringLower(SHA256.HashData(payload.Span));

    private static StoredCall Read(byte[] held) => JsonSerializer.Deserialize(held, StoredCallJson.Default.StoredCall)!;

    /// <summary>How the call that a key belongs to differs from one with this payload and region; null where it does not.</summary>
    private static string? Difference(StoredCall stored, string hash, string? region) =>
        stored.PayloadHash != hash ? "a call with another payload"
        : region is not null && stored.Region is { } other && other != region ? $"a call of {Names.Shorten(other)}"
        : null;

    private string Claimed(string key) =>
        $"A call with the key \"{Names.Shorten(key)}\" runs, or was cut off; in that case the key is free again after {ClaimedFor.TotalSeconds:0} s.";

    private async Task<StoredCall> CallAsync(
        HttpContext http, (string Function, string Key) slot, byte[] claim, string hash, string? region, Func<Task> invoke)
    {
        var (body, aborted) = (http.Response.Body, http.RequestAborted);
        using var buffer = new MemoryStream();
        http.Response.Body = buffer;

        // A caller who loses the connection asks again with the same key, and is to find the result then.
        http.RequestAborted = CancellationToken.None;
        StoredCall? answer = null;
        try
        {
            await invoke();
            answer = new StoredCall(
                hash,
                null,
                http.Response.StatusCode,
                http.Response.ContentType,
                KeptHeaders.Where(http.Response.Headers.ContainsKey).ToDictionary(name => name, name => http.Response.Headers[name].ToString()),
                buffer.ToArray(),
                region);
            return answer;
        }
        finally
        {
            (http.Response.Body, http.RequestAborted) = (body, aborted);
            var isKept = answer is not null && IsTheGuests(answer);
            await results.ReplaceAsync(slot.Function, slot.Key, claim, isKept ? ToBytes(answer!) : null, Kept);
        }
    }

    /// <summary>Whether the guest has answered or failed; everything else may be different the next time.</summary>
    private static bool IsTheGuests(StoredCall answer)
    {
        if (answer.Status is not (StatusCodes.Status502BadGateway or StatusCodes.Status504GatewayTimeout))
        {
            return answer.Status == StatusCodes.Status200OK;
        }

        using var problem = JsonDocument.Parse(answer.Body);
        return problem.RootElement.GetProperty("code").GetString() != ErrorCodes.PeerFailed;
    }

    private static Task WriteAsync(HttpContext http, StoredCall answer)
    {
        var response = http.Response;
        response.StatusCode = answer.Status;
        response.ContentType = answer.ContentType;
        response.ContentLength = answer.Body.Length;
        foreach (var (name, value) in answer.Headers)
        {
            response.Headers[name] = value;
        }

        return response.Body.WriteAsync(answer.Body, http.RequestAborted).AsTask();
    }

    private static byte[] ToBytes(StoredCall call) => JsonSerializer.SerializeToUtf8Bytes(call, StoredCallJson.Default.StoredCall);
}
