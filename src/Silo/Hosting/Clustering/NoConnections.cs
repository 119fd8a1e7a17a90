using System.Net;
using Microsoft.AspNetCore.Connections;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>
/// The transport of a silo that is alone in its cluster: it listens nowhere and reaches nobody. What a silo sends to itself does not pass through a transport.
/// </summary>
internal sealed class NoConnections : IConnectionFactory, IConnectionListenerFactory
{
    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException($"This silo is alone in its cluster; there is none at {endpoint}.");

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new Listener(endpoint));

    private sealed class Listener(EndPoint endpoint) : IConnectionListener
    {
        private readonly TaskCompletionSource<ConnectionContext?> _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndPoint EndPoint => endpoint;

        public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => new(_unbound.Task.WaitAsync(cancellationToken));

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _unbound.TrySetResult(null);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
