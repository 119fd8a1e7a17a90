using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace HeliosEdge.Silo.Problems;

/// <summary>
/// Gives problem details to requests of HTTP/1.1 that Kestrel rejects by itself, because they are none: it answers those without a body, and without
/// asking anybody, but says so before it does.
/// </summary>
internal sealed class RejectedRequests : IObserver<KeyValuePair<string, object?>>
{
    private const string Rejected = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";
    private const byte TlsHandshake = 0x16;

    /// <summary>Makes the connections of an endpoint such that what is rejected on them can be answered.</summary>
    public static void Use(ListenOptions listen) => listen.Use(next => connection => next(
        IsTls(connection) is { } isTls ? new AnswerableConnection(connection, isTls) : connection));

    /// <summary>Listens to what Kestrel rejects.</summary>
    public static void Watch(IServiceProvider services) =>
        services.GetRequiredService<DiagnosticListener>().Subscribe(new RejectedRequests(), static name => name == Rejected);

    public void OnNext(KeyValuePair<string, object?> rejected)
    {
        // What has been answered already is not answered twice, and streams of HTTP/2 are ended in their own way.
        if (rejected.Value is not IFeatureCollection features
            || features.Get<AnswerWriter>() is not { } writer
            || features.Get<IHttp2StreamIdFeature>() is not null
            || features.Get<IHttpResponseFeature>() is not { HasStarted: false } response
            || features.Get<IBadRequestExceptionFeature>()?.Error is not Microsoft.AspNetCore.Http.BadHttpRequestException error)
        {
            return;
        }

        var problem = Problem.OfRejected(error);
        var body = JsonSerializer.SerializeToUtf8Bytes(problem, ProblemJson.Legible.Problem);
        var allow = response.Headers.Allow.Count > 0 ? $"Allow: {response.Headers.Allow}\r\n" : string.Empty;
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {problem.Status} {ReasonPhrases.GetReasonPhrase(problem.Status)}\r\nContent-Length: {body.Length}\r\nContent-Type: {ProblemMiddleware.MediaType}\r\nConnection: close\r\nDate: {DateTimeOffset.UtcNow:R}\r\n{allow}\r\n");
        var isHead = HttpMethods.IsHead(features.Get<IHttpRequestFeature>()?.Method ?? string.Empty);
        writer.AnswerInstead([.. Encoding.ASCII.GetBytes(head), .. isHead ? [] : body]);
    }

    public void OnError(Exception error)
    {
    }

    public void OnCompleted()
    {
    }

    /// <summary>Whether a connection, of which something has been read, begins with TLS; null where nothing has.</summary>
    private static bool? IsTls(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        if (!input.TryRead(out var read))
        {
            return null;
        }

        bool? isTls = read.Buffer.IsEmpty ? null : read.Buffer.FirstSpan[0] == TlsHandshake;
        input.AdvanceTo(read.Buffer.Start);
        return isTls;
    }
}
