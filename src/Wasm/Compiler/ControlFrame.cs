using System.Collections.Immutable;

namespace HeliosEdge.Wasm.Compiler;

internal enum FrameKind : byte
{
    Function,
    Block,
    Loop,
    If,
    Else,
}

/// <summary>One entry of the control stack (core spec, appendix A.3), with what code generation keeps for its label.</summary>
internal struct ControlFrame
{
    public FrameKind Kind;

    public ImmutableArray<ValueKind> Parameters;

    public ImmutableArray<ValueKind> Results;

    /// <summary>The height of the operand stack below the parameters.</summary>
    public int Height;

    /// <summary>Whether validation treats the rest of the frame as unreachable.</summary>
    public bool Unreachable;

    /// <summary>Whether code was emitted when the frame was entered.</summary>
    public bool EnteredLive;

    /// <summary>Whether any emitted branch goes to the label.</summary>
    public bool Targeted;

    /// <summary>The IL label: of the start for a loop, else of the end.</summary>
    public int Label;

    /// <summary>The IL label of the else part of an if.</summary>
    public int ElseLabel;

    /// <summary>The IL locals that branches leave the label's values in; null until needed.</summary>
    public int[]? Temporaries;

    /// <summary>The parameters of an if, for its else part.</summary>
    public Operand[]? SavedParameters;

    /// <summary>Where the frame's part of the log of facts starts.</summary>
    public int FactLog;

    /// <summary>Locals assigned in the then part of an if.</summary>
    public List<int>? Assigned;

    public readonly ImmutableArray<ValueKind> LabelTypes => Kind == FrameKind.Loop ? Parameters : Results;
}
