using HeliosEdge.Sandbox;
using Orleans;

namespace HeliosEdge.Grains.Serialization;

/// <summary>
/// Carries refusals between silos with all that their callers are told. Without it only the message would arrive. What was thrown below
/// stays where it was thrown: it is for that silo's log.
/// </summary>
[RegisterConverter]
internal sealed class SandboxExceptionConverter : IConverter<SandboxException, SandboxExceptionSurrogate>
{
    public SandboxException ConvertFromSurrogate(in SandboxExceptionSurrogate surrogate) => new(surrogate.Code, surrogate.Message)
    {
        Limit = surrogate.Limit,
        Value = surrogate.Value,
        Offset = surrogate.Offset,
        Backtrace = surrogate.Backtrace.IsDefault ? [] : surrogate.Backtrace,
    };

    public SandboxExceptionSurrogate ConvertToSurrogate(in SandboxException value) => new()
    {
        Code = value.Code,
        Message = value.Message,
        Limit = value.Limit,
        Value = value.Value,
        Offset = value.Offset,
        Backtrace = value.Backtrace,
    };
}
