using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
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
/// </summary>
internal sealed class IdempotentCalls(IResultStore results, FunctionCatalog catalog, SandboxPolicy policy)
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);
    private static readonly string[] KeptHeaders = [HeliosHeaders.Region, HeliosHeaders.Duration, HeliosHeaders.Version, HeliosHeaders.ModuleHash];

    /// <summary>What a call takes at most besides its guest's running time.</summary>
    private static readonly TimeSpan Overhead = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Function, string Region, string Key), Task> _running = new();

    /// <summary>Runs the endpoint behind it, or answers as it did before.</summary>
    public static ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        return IdempotencyKey.Of(http) is { } key
            ? http.RequestServices.GetRequiredService<IdempotentCalls>().RunAsync(http, key, async () => await next(context))
            : next(context);
    }

    private async ValueTask<object?> RunAsync(HttpContext http, IdempotencyKey key, Func<Task> invoke)
    {
        var name = (string)http.GetRouteValue("name")!;
        var slot = (Function: name, Region: http.Request.Query["region"].ToString(), Key: key.Slot);
        var limit = catalog.Contains(name) ? catalog.MaxPayloadBytes(name) : policy.Ceiling.MaxPayloadBytes;
        var payload = await RequestBody.ReadAsync(http.Request, limit, ErrorCodes.PayloadTooLarge, "The payload");
        http.Request.Body = new MemoryStream(payload.ToArray(), writable: false);
        var hash = Convert.ToHexStringLower(SHA256.HashData(payload.Span));

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (_running.GetOrAdd(slot, done.Task) is var running && running != done.Task)
        {
            await running.WaitAsync(http.RequestAborted);
        }

        try
        {
            await RunAloneAsync(http, slot, key.Text, hash, invoke);
        }
        finally
        {
            _running.TryRemove(slot, out _);
            done.SetResult();
        }

        return TypedResults.Empty;
    }

    private async Task RunAloneAsync(HttpContext http, (string Function, string Region, string Key) slot, string key, string hash, Func<Task> invoke)
    {
        var claim = ToBytes(new StoredCall(hash, Guid.NewGuid(), 0, null, new Dictionary<string, string>(), []));
        var claimed = TimeSpan.FromMilliseconds(policy.Ceiling.TimeoutMs) + Overhead;
        var held = await results.AddAsync(slot.Function, slot.Region, slot.Key, claim, claimed);
        if (held.AsSpan().SequenceEqual(claim))
        {
            var answer = await CallAsync(http, slot, claim, hash, invoke);
            await WriteAsync(http, answer);
            return;
        }

        var stored = JsonSerializer.Deserialize(held, ApiJson.Default.StoredCall)!;
        if (stored.PayloadHash != hash)
        {
            await http.WriteProblemAsync(Problem.Of(
                ProblemCodes.IdempotencyKeyReused, $"The key \"{Names.Shorten(key)}\" was used for a call with another payload."));
        }
        else if (stored.Claim is not null)
        {
            http.Response.Headers.RetryAfter = "1";
            await http.WriteProblemAsync(Problem.Of(
                ProblemCodes.InProgress,
                $"A call with the key \"{Names.Shorten(key)}\" runs, or was cut off; in that case the key is free again after {claimed.TotalSeconds:0} s."));
        }
        else
        {
            http.Response.Headers[HeliosHeaders.IdempotentReplay] = "true";
            await WriteAsync(http, stored);
        }
    }

    private async Task<StoredCall> CallAsync(
        HttpContext http, (string Function, string Region, string Key) slot, byte[] claim, string hash, Func<Task> invoke)
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
                buffer.ToArray());
            return answer;
        }
        finally
        {
            (http.Response.Body, http.RequestAborted) = (body, aborted);
            var isKept = answer is not null && IsTheGuests(answer);
            await results.ReplaceAsync(slot.Function, slot.Region, slot.Key, claim, isKept ? ToBytes(answer!) : null, Kept);
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

    private static byte[] ToBytes(StoredCall call) => JsonSerializer.SerializeToUtf8Bytes(call, ApiJson.Default.StoredCall);
}
