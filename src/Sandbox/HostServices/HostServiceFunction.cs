using System.Collections.Immutable;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Security;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Sandbox.HostServices;

/// <summary>A host function of <c>helios-1</c>: how it is imported, what a guest needs for it, and what is done before and after its work.</summary>
/// <param name="Function">The function as it is linked.</param>
/// <param name="Needed">The capabilities without which it is neither linked nor carried out.</param>
internal sealed record HostServiceFunction(HostFunction Function, Capability Needed)
{
    /// <summary>The module that guests import from.</summary>
    public const string Module = "heliosdb";

    /// <summary>What a function does once the guest may call it.</summary>
    public delegate int Body(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments);

    /// <summary>Defines a function that returns a <see cref="HostResult"/>.</summary>
    public static HostServiceFunction Of(string name, ImmutableArray<HostValueKind> parameters, Capability needed, Body body) => new(
        new HostFunction(Module, name, parameters, HostValueKind.I32, (caller, arguments) =>
        {
            var context = (SandboxContext)caller.State!;
            context.CountHostCall();
            if (!context.Scope.Profile.Grants(needed))
            {
                return HostResult.CapabilityDenied;
            }

            if (context.HasReachedDeadline)
            {
                return HostResult.Deadline;
            }

            try
            {
                var result = body(context, context.MemoryOf(caller), arguments);
                if (result == HostResult.Deadline)
                {
                    context.ReachDeadline();
                }

                return result;
            }
            catch (TimeoutException)
            {
                context.ReachDeadline();
                return HostResult.Deadline;
            }
            catch (SqliteException e)
            {
                context.Explain($"{name} failed: {e.Message}");
                return HostResult.Failed;
            }
            catch (SandboxException e) when (e.Code == ErrorCodes.Unavailable)
            {
                // The silo tells of it once; each function would tell of it with each call.
                return HostResult.Failed;
            }
            catch (SandboxException e) when (HostResult.IsForGuest(e))
            {
                return HostResult.Of(e);
            }
        }),
        needed);
}
