using System.Globalization;
using System.Text.Json;
using HeliosEdge.Grains;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Errors;

namespace HeliosEdge.Federation;

/// <summary>Reads what another silo answered.</summary>
internal static class PeerAnswer
{
    private const int MaxProblemBytes = 64 << 10;

    /// <summary>How an invocation ended there.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="peer">Who gave it.</param>
    /// <param name="maxBytes">Bytes that the response may have.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PeerFailed"/> or <see cref="ErrorCodes.ResponseTooLarge"/>.</exception>
    public static async Task<InvocationResult> ResultAsync(HttpResponseMessage response, PeerSilo peer, int maxBytes, CancellationToken cancel)
    {
        var result = Told(response);
        return response.IsSuccessStatusCode
            ? result with { Response = await BytesAsync(response, peer, maxBytes, cancel) }
            : result with { Fault = await FaultAsync(response, peer, cancel) };
    }

    /// <summary>What the headers say of an invocation there.</summary>
    public static InvocationResult Told(HttpResponseMessage response) => new()
    {
        Module = Header(response, HeliosHeaders.ModuleHash) ?? string.Empty,
        Engine = Header(response, HeliosHeaders.Engine) ?? string.Empty,
        Version = int.TryParse(Header(response, HeliosHeaders.Version), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0,
        DurationMicroseconds = long.TryParse(Header(response, HeliosHeaders.Duration), CultureInfo.InvariantCulture, out var duration) ? duration : 0,
    };

    /// <summary>Why a request was refused there.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PeerFailed"/>: the connection broke, or it is no silo.</exception>
    public static async Task<InvocationFault> FaultAsync(HttpResponseMessage response, PeerSilo peer, CancellationToken cancel)
    {
        var bytes = await BytesAsync(response, peer, MaxProblemBytes, cancel);
        var status = (int)response.StatusCode;
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var problem = document.RootElement;
            var code = problem.GetProperty("code").GetString()!;
            var detail = problem.GetProperty("detail").GetString()!;
            return ErrorKind.Find(code) is not null
                ? new InvocationFault
                {
                    Code = code,
                    Message = detail,
                    Limit = Number(problem, "limit"),
                    Value = Number(problem, "value"),
                    Backtrace = problem.TryGetProperty("backtrace", out var lines) ? [.. lines.EnumerateArray().Select(line => line.GetString()!)] : [],
                }
                : new InvocationFault { Code = ErrorCodes.PeerFailed, Message = $"The silo at {peer.Address} answered {status} {Names.Shorten(code)}: {detail}" };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return new InvocationFault
            {
                Code = ErrorCodes.PeerFailed,
                Message = $"{peer.Address} answered {status} without problem details; it is no silo, or something before it is broken.",
            };
        }
    }

    /// <summary>The body.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PeerFailed"/> or <see cref="ErrorCodes.ResponseTooLarge"/>.</exception>
    public static async Task<byte[]> BytesAsync(HttpResponseMessage response, PeerSilo peer, int maxBytes, CancellationToken cancel)
    {
        var announced = response.Content.Headers.ContentLength;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancel);
            if (announced <= maxBytes)
            {
                var exact = GC.AllocateUninitializedArray<byte>((int)announced.Value);
                await body.ReadExactlyAsync(exact, cancel);
                return exact;
            }

            using var buffer = new MemoryStream();
            var chunk = new byte[16 << 10];
            while (announced is null && buffer.Length <= maxBytes)
            {
                var count = await body.ReadAsync(chunk, cancel);
                if (count == 0)
                {
                    return buffer.ToArray();
                }

                buffer.Write(chunk, 0, count);
            }

            throw TooLarge(peer, maxBytes, announced);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw Lost(peer, e);
        }
    }

    /// <summary>The answer has more bytes than may be taken.</summary>
    /// <param name="peer">Who gave it.</param>
    /// <param name="maxBytes">Bytes that it may have.</param>
    /// <param name="bytes">Bytes that it has, where that is known.</param>
    public static SandboxException TooLarge(PeerSilo peer, int maxBytes, long? bytes) =>
        new(ErrorCodes.ResponseTooLarge, $"The silo at {peer.Address} answered with more than {maxBytes} bytes, which is the limit here.")
        {
            Limit = maxBytes,
            Value = bytes,
        };

    /// <summary>The connection broke in the middle of an answer, or the other silo broke it since the guest had failed.</summary>
    public static SandboxException Lost(PeerSilo peer, Exception e) =>
        new(ErrorCodes.PeerFailed, $"The silo at {peer.Address} was lost in the middle of its answer: {e.GetBaseException().Message}", e);

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static long? Number(JsonElement problem, string name) =>
        problem.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : null;
}
