using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Engines;

/// <summary>Guest code was stopped before it returned. The instance it ran in is to be thrown away.</summary>
public sealed class GuestTrapException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="trap">Why.</param>
    /// <param name="message">The specification's words, such as <c>out of bounds memory access</c>.</param>
    /// <param name="backtrace">The guest's calls, innermost first.</param>
    /// <param name="cause">The engine's own exception, if it has one.</param>
    public GuestTrapException(GuestTrap trap, string message, ImmutableArray<string> backtrace, Exception? cause = null)
        : base(message, cause)
    {
        Trap = trap;
        Backtrace = backtrace.Any(name => Excerpt.Of(name) != name) ? [.. backtrace.Select(Excerpt.Of)] : backtrace;
    }

    /// <summary>Why the guest was stopped.</summary>
    public GuestTrap Trap { get; }

    /// <summary>The limit that the guest ran into, where <see cref="Trap"/> is <see cref="GuestTrap.OutOfFuel"/>.</summary>
    public long? Limit { get; init; }

    /// <summary>The guest's calls, innermost first: a function's name, or <c>func[12]</c> where it has none; long names are cut.</summary>
    public ImmutableArray<string> Backtrace { get; }
}
