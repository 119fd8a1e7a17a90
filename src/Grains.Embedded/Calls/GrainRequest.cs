using HeliosEdge.Grains.Embedded.Activations;

namespace HeliosEdge.Grains.Embedded.Calls;

/// <summary>One call on its way to a grain and back. The proxies derive a class of each method, whose fields are the arguments.</summary>
internal abstract class GrainRequest
{
    public GrainMethod Method { get; set; } = null!;

    /// <summary>When the call was made, as a timestamp of the host's clock.</summary>
    public long SentAt { get; set; }

    /// <summary>The activation's own bookkeeping: where this request stands in its list.</summary>
    public int Slot { get; set; }

    /// <summary>How many activations left this request to their successors without having served any.</summary>
    public int Forwarded { get; set; }

    public abstract bool IsAnswered { get; }

    /// <summary>The argument by which the caller may take the call back; none where the method has no such parameter.</summary>
    public virtual CancellationToken Cancellation => CancellationToken.None;

    /// <summary>Begins the call as a turn of the activation; the activation is told when it has ended.</summary>
    public abstract void Begin(Activation activation, object grain);

    /// <summary>Answers with an exception, unless there is an answer already.</summary>
    public abstract bool TryFail(Exception exception);
}

/// <inheritdoc/>
/// <typeparam name="TResult">What the method returns, <see cref="NoResult"/> where that is nothing.</typeparam>
internal abstract class GrainRequest<TResult> : GrainRequest
{
    // The caller's continuation must not run within the turn that answers it.
    private readonly TaskCompletionSource<TResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Activation _activation = null!;
    private Task _call = null!;

    public Task<TResult> Answer => _answer.Task;

    public override bool IsAnswered => _answer.Task.IsCompleted;

    public override bool TryFail(Exception exception) => _answer.TrySetException(exception);

    public override void Begin(Activation activation, object grain)
    {
        _activation = activation;
        try
        {
            _call = Call(grain) ?? throw new InvalidOperationException($"{Method.Name} returned null in place of a task.");
        }
        catch (Exception e)
        {
            _call = Task.FromException(e);
        }

        if (_call.IsCompleted)
        {
            End();
        }
        else
        {
            // Not as a turn of the activation: nothing of the grain runs after this, so it need not wait for one.
            _call.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(End);
        }
    }

    /// <summary>Calls the method with this request's arguments.</summary>
    protected abstract Task Call(object grain);

    private void End()
    {
        // First, so that a caller who has the answer finds the activation free.
        _activation.Ended(this);
        if (_call.IsCompletedSuccessfully)
        {
            _answer.TrySetResult(_call is Task<TResult> { Result: var result } ? result : default!);
        }
        else if (_call.Exception is { } failure)
        {
            _answer.TrySetException(failure.InnerExceptions);
        }
        else
        {
            _answer.TrySetCanceled(new TaskCanceledException(_call).CancellationToken);
        }
    }
}
