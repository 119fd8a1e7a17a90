using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.HostServices.Procedures;
using HeliosEdge.Sandbox.HostServices.Sql;

namespace HeliosEdge.Grains.Procedures;

/// <summary>
/// Calls procedures for guests. The guest that is called runs on a thread of its own, so that its stack is whole, while the one that calls
/// leaves its place to others.
/// </summary>
/// <param name="hosts">What runs them; asked for with the first call, because it is made with the services that this is one of.</param>
public sealed class ProcedureCaller(Func<FunctionHosts> hosts) : IProcedures
{
    private readonly Lazy<FunctionHosts> _hosts = new(hosts);

    /// <inheritdoc/>
    public ProcedureAnswer Call(string region, string name, byte[] arguments, SqlSession? within, SqlPatience patience)
    {
        var left = (int)Math.Min(patience.Remaining.TotalMilliseconds, int.MaxValue);
        if (left <= 0)
        {
            return new ProcedureAnswer(default, ErrorCodes.Timeout, "There is no time left to call it in.");
        }

        var call = new FunctionCall { Payload = arguments, PatienceMs = left };
        using var waiting = GuestThreads.Wait();
        var result = _hosts.Value.InvokeProcedureAsync(region, name, call, within, patience.Cancellation).GetAwaiter().GetResult();
        return result.Fault is { } fault ? new ProcedureAnswer(default, fault.Code, fault.Message) : new ProcedureAnswer(result.Response);
    }
}
