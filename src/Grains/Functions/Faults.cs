using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Execution;

namespace HeliosEdge.Grains.Functions;

/// <summary>Results of invocations that failed.</summary>
internal static class Faults
{
    public static InvocationFault Of(SandboxException e) => new()
    {
        Code = e.Code,
        Message = e.Message,
        Limit = e.Limit,
        Value = e.Value,
        Backtrace = e.Backtrace,
    };

    public static InvocationResult EngineRefused(FunctionDescription function, SandboxException refusal) => new()
    {
        Engine = function.Engine ?? "",
        Fault = Of(refusal) with { Message = $"Version {function.Version} of the function \"{function.Name}\" chooses its engine. {refusal.Message}" },
    };

    public static InvocationResult PayloadTooLarge(int limit, int size) => new()
    {
        Fault = new InvocationFault
        {
            Code = ErrorCodes.PayloadTooLarge,
            Message = $"The payload has {size} bytes; the limit is {limit} bytes.",
            Limit = limit,
            Value = size,
        },
    };

    public static InvocationResult Overloaded(string message) => new()
    {
        Fault = new InvocationFault { Code = ErrorCodes.Overloaded, Message = message },
    };

    public static InvocationResult OutOfMemory(GuestMemory memory, long needed, long used, string what) => new()
    {
        Fault = new InvocationFault
        {
            Code = ErrorCodes.Overloaded,
            Message = $"{what} It may come to need {needed} bytes while others have {used}; all guests together may have {memory.MaxBytes}.",
            Limit = memory.MaxBytes,
            Value = used + needed,
        },
    };

    public static InvocationResult Compiling(TimeSpan waited) => new()
    {
        Fault = new InvocationFault
        {
            Code = ErrorCodes.Compiling,
            Message = $"The function's module was still being compiled after {waited.TotalMilliseconds:0} ms, which is as long as the call could wait.",
        },
    };

    public static InvocationResult TooManyInstances(int limit) => new()
    {
        Fault = new InvocationFault
        {
            Code = ErrorCodes.Overloaded,
            Message = $"{limit} instances of the function run, as many as maxInstances lets it have, and {InstanceGate.MaxWaiting} calls wait for one.",
            Limit = limit,
            Value = limit + InstanceGate.MaxWaiting + 1L,
        },
    };
}
