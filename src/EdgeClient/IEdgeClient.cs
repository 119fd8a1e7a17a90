namespace HeliosEdge.Client;

/// <summary>
/// Calls functions and lists them, whatever the transport: <see cref="HttpEdgeClient"/> calls one silo over HTTP; the package HeliosEdge.EdgeClient.Orleans has
/// one that calls the silos of a cluster through their gateways. What only administrators do is on <see cref="HttpEdgeClient"/>.
/// Safe for use from many threads at once. Every method throws <see cref="EdgeException"/> or one of its kinds when the silo refuses or cannot be reached, and
/// <see cref="OperationCanceledException"/> when its token is cancelled.
/// </summary>
public interface IEdgeClient
{
    /// <summary>Invokes a function on a payload and waits for its response.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="region">The region that shall run it; null leaves the choice to the silo.</param>
    /// <param name="payload">The bytes that the guest gets; may be empty.</param>
    /// <param name="options">Idempotency key, deadline, failover, repeats; null for the defaults of <see cref="CallOptions"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The bytes that the guest answered, and what ran.</returns>
    /// <exception cref="EdgeFunctionNotFoundException">There is no function of that name, or not in that region.</exception>
    /// <exception cref="EdgeRegionNotFoundException">The silo does not know that region.</exception>
    /// <exception cref="EdgePayloadTooLargeException">The payload is larger than the function accepts.</exception>
    /// <exception cref="EdgeResponseTooLargeException">The guest answered with more than it may.</exception>
    /// <exception cref="EdgeTimeoutException">The guest ran past the function's deadline, or the deadline of <paramref name="options"/> has passed.</exception>
    /// <exception cref="EdgeMemoryLimitException">The guest needs more memory than it may use.</exception>
    /// <exception cref="EdgeLimitExceededException">The guest used up its fuel, called the host too often, had too many HTTP requests at once or logged too much.</exception>
    /// <exception cref="EdgeSandboxViolationException">The guest tried to have the host reach outside its memory.</exception>
    /// <exception cref="EdgeGuestExitException">The guest ended with an exit code other than 0.</exception>
    /// <exception cref="EdgeCapabilityDeniedException">The guest needs what its region no longer allows.</exception>
    /// <exception cref="EdgeTrapException">The guest trapped.</exception>
    /// <exception cref="EdgeOverloadedException">The silo is too busy to start it.</exception>
    /// <exception cref="EdgeException">With the code <c>idempotency_key_reused</c>: the key belongs to another call.</exception>
    Task<EdgeResponse> InvokeAsync(
        string name, string? region, ReadOnlyMemory<byte> payload, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Queues an invocation. It is on disk when this returns, and runs whatever happens to the silo or the caller.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="region">The region that shall run it; null leaves the choice to the silo.</param>
    /// <param name="payload">The bytes that the guest gets; may be empty.</param>
    /// <param name="options">
    /// Idempotency key, deadline of the queueing, repeats. Without a key one is made up, so that a repeat never queues it twice.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>What to ask for the result by.</returns>
    /// <exception cref="EdgeFunctionNotFoundException">There is no function of that name, or not in that region.</exception>
    /// <exception cref="EdgeRegionNotFoundException">The silo does not know that region.</exception>
    /// <exception cref="EdgePayloadTooLargeException">The payload is larger than the function accepts.</exception>
    Task<InvocationHandle> EnqueueAsync(
        string name, string? region, ReadOnlyMemory<byte> payload, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Asks how a queued invocation is; <see cref="InvocationHandle"/> does it for its own.</summary>
    /// <param name="id">The invocation.</param>
    /// <param name="wait">How long to wait for its end before the answer; the silo cuts it down to 60 s. Zero for not at all.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="EdgeException">With the code <c>invocation_not_found</c>: there is none with this id, or it has been forgotten.</exception>
    Task<InvocationInfo> GetInvocationAsync(Guid id, TimeSpan wait = default, CancellationToken cancellationToken = default);

    /// <summary>Takes a queued invocation back; its guest is interrupted. One that has ended stays as it is.</summary>
    /// <param name="id">The invocation.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How it is now.</returns>
    /// <exception cref="EdgeException">With the code <c>invocation_not_found</c>: there is none with this id, or it has been forgotten.</exception>
    Task<InvocationInfo> CancelInvocationAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Calls a function in many regions at once. The call is made when the sequence is enumerated; each region's result comes as soon as it is there. Leaving
    /// the enumeration interrupts the guests that still run.
    /// </summary>
    /// <param name="name">The function's name.</param>
    /// <param name="fanOut">Where, and when it is done.</param>
    /// <param name="deadline">How long each region may take; null for the silo's default.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The results in the order in which they came; a region that failed is a result with <see cref="RegionResult.Problem"/>.</returns>
    /// <exception cref="EdgeFunctionNotFoundException">There is no function of that name, or not in one of the regions.</exception>
    /// <exception cref="EdgeRegionNotFoundException">The silo does not know one of the regions.</exception>
    /// <exception cref="EdgePayloadTooLargeException">The payload is larger than the function accepts.</exception>
    /// <exception cref="EdgeConnectionException">The answer broke off before its end.</exception>
    IAsyncEnumerable<RegionResult> FanOutAsync(
        string name, FanOutRequest fanOut, TimeSpan? deadline = null, CancellationToken cancellationToken = default);

    /// <summary>Queues a call in many regions under one id. All of it is on disk when this returns.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="fanOut">Where, and when it is done.</param>
    /// <param name="options">Idempotency key, deadline of the queueing, repeats. Without a key one is made up, so that a repeat never queues it twice.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>What to ask for the results by.</returns>
    /// <exception cref="EdgeFunctionNotFoundException">There is no function of that name, or not in one of the regions.</exception>
    /// <exception cref="EdgeRegionNotFoundException">The silo does not know one of the regions.</exception>
    Task<FanOutHandle> EnqueueFanOutAsync(
        string name, FanOutRequest fanOut, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Asks how a queued fan-out is; <see cref="FanOutHandle"/> does it for its own.</summary>
    /// <param name="id">The fan-out.</param>
    /// <param name="wait">How long to wait for it to be decided before the answer; the silo cuts it down to 60 s. Zero for not at all.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="EdgeException">With the code <c>fanout_not_found</c>: there is none with this id, or it has been forgotten.</exception>
    Task<FanOutInfo> GetFanOutAsync(Guid id, TimeSpan wait = default, CancellationToken cancellationToken = default);

    /// <summary>Lists the registered functions, in calls of up to 1,000 each that are made as the sequence is enumerated; their errors come there.</summary>
    /// <param name="region">Only those registered in this region; null means all.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The functions, sorted by name. Those that are registered or removed meanwhile may be among them or not.</returns>
    /// <exception cref="EdgeRegionNotFoundException">The silo does not serve that region.</exception>
    IAsyncEnumerable<FunctionInfo> ListFunctionsAsync(string? region = null, CancellationToken cancellationToken = default);
}
