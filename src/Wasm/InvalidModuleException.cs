namespace HeliosEdge.Wasm;

/// <summary>Why a module was refused.</summary>
public enum ModuleFault
{
    /// <summary>The bytes do not follow the binary format (core spec chapter 5).</summary>
    Malformed,

    /// <summary>The module does not validate (core spec chapter 3).</summary>
    Invalid,

    /// <summary>The module uses a proposal that this engine does not implement; the message names it.</summary>
    Unsupported,

    /// <summary>The module asks more of the compiler than it may; the exception is a <see cref="CompileLimitException"/>.</summary>
    LimitExceeded,
}

/// <summary>A module's bytes were refused; nothing of it was compiled.</summary>
public class InvalidModuleException : Exception
{
    /// <summary>Makes the exception; the message gets the offset appended.</summary>
    public InvalidModuleException(ModuleFault fault, string message, long offset)
        : base($"{message} (at byte {offset})")
    {
        Fault = fault;
        Offset = offset;
    }

    /// <summary>What kind of rule was broken.</summary>
    public ModuleFault Fault { get; }

    /// <summary>Where in the module's bytes, counted from 0.</summary>
    public long Offset { get; }
}
