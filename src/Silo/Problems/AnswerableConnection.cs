using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace HeliosEdge.Silo.Problems;

/// <summary>
/// A connection whose plain text goes through an <see cref="AnswerWriter"/>, which is among its features. Over TLS that is the transport that TLS puts
/// in the place of the connection's own.
/// </summary>
internal sealed class AnswerableConnection : ConnectionContext
{
    private readonly ConnectionContext _inner;
    private IDuplexPipe _transport;

    /// <param name="inner">The connection.</param>
    /// <param name="isTls">Whether its own bytes are those of TLS.</param>
    public AnswerableConnection(ConnectionContext inner, bool isTls)
    {
        _inner = inner;
        _transport = isTls ? inner.Transport : Answerable(inner.Transport);
    }

    public override IDuplexPipe Transport
    {
        get => _transport;
        set => _transport = value == _inner.Transport ? value : Answerable(value);
    }

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => _inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    public override void Abort() => _inner.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => _inner.Abort(abortReason);

    public override ValueTask DisposeAsync() => _inner.DisposeAsync();

    private Pipes Answerable(IDuplexPipe transport)
    {
        var writer = new AnswerWriter(transport.Output);
        Features.Set(writer);
        return new Pipes(transport.Input, writer);
    }

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
