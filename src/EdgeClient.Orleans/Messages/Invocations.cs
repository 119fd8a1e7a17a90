using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.Abstractions.Invocations;
using StoredState = HeliosEdge.Grains.Abstractions.Invocations.InvocationState;

namespace HeliosEdge.Client.Messages;

/// <summary>Calls, queued calls and fan-outs as grains tell of them.</summary>
internal static class Invocations
{
    /// <exception cref="EdgeException">The call failed.</exception>
    public static EdgeResponse ToResponse(this InvocationAnswer answer)
    {
        var result = answer.Result;
        result.Fault.ThrowIfAny();
        return new EdgeResponse
        {
            Payload = result.Response,
            Region = answer.Region,
            Version = result.Version > 0 ? result.Version : null,
            ModuleHash = result.Module.Length > 0 ? result.Module : null,
            Engine = result.Engine is { Length: > 0 } engine ? engine : null,
            Duration = result.DurationMicroseconds > 0 ? TimeSpan.FromTicks(result.DurationMicroseconds * TimeSpan.TicksPerMicrosecond) : null,
        };
    }

    public static InvocationInfo ToInfo(this InvocationStatus status)
    {
        var (text, base64) = GuestText.Of(status.Response);
        return new InvocationInfo(status.Id, status.Function, status.Region, StateOf(status.State), status.Attempt, status.MaxAttempts, status.CreatedAt)
        {
            ExpiresAt = status.ExpiresAt,
            NextAttemptAt = status.NextAttemptAt,
            StartedAt = status.StartedAt,
            EndedAt = status.EndedAt,
            Result = text,
            ResultBase64 = base64,
            Fault = status.Fault?.ToInfo(),
        };
    }

    public static FanOutInfo ToInfo(this FanOutStatus status) => new(
        status.Id,
        status.Function,
        (FanOutMode)(int)status.Mode,
        status.State switch
        {
            FanOutState.Running => "running",
            FanOutState.Succeeded => "succeeded",
            _ => "failed",
        },
        status.Needed,
        status.CreatedAt,
        [.. status.Regions.Select(ToInfo)])
    {
        ExpiresAt = status.ExpiresAt,
    };

    public static RegionResult ToResult(this RegionAnswer answer)
    {
        var (text, base64) = answer.Result.Fault is null ? GuestText.Of(answer.Result.Response) : default;
        return new RegionResult(answer.Region, null, (long)answer.Duration.TotalMicroseconds)
        {
            Body = text,
            BodyBase64 = base64,
            Problem = answer.Result.Fault?.ToInfo(),
        };
    }

    private static InvocationState StateOf(StoredState state) => state switch
    {
        StoredState.Queued => InvocationState.Queued,
        StoredState.Running => InvocationState.Running,
        StoredState.Succeeded => InvocationState.Succeeded,
        StoredState.Failed => InvocationState.Failed,
        StoredState.Dead => InvocationState.Dead,
        _ => InvocationState.Cancelled,
    };
}
