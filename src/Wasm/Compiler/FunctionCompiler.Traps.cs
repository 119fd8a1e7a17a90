using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>Branches to traps. The calls that raise them stand at the function's end, out of the way of running code.</summary>
internal sealed partial class FunctionCompiler
{
    private int _memoryTrapLabel;
    private int _interruptedLabel;
    private int _outOfFuelLabel;
    private int _typeMismatchLabel;

    private void ResetTraps() =>
        _memoryTrapLabel = _interruptedLabel = _outOfFuelLabel = _typeMismatchLabel = -1;

    /// <summary>
    /// Emits a conditional branch to a trap on what is on the IL stack. A label can be shared only with an empty IL stack, as all
    /// branches to a label must find the same.
    /// </summary>
    /// <param name="when">The branch that is taken to trap.</param>
    /// <param name="unless">The branch that is taken not to trap.</param>
    /// <param name="label">The shared label of this trap.</param>
    /// <param name="trap">The method of <see cref="GuestTrap"/>.</param>
    /// <param name="except">How many of the top operands have already left the IL stack.</param>
    private void TrapIf(ushort when, ushort unless, ref int label, string trap, int except)
    {
        if (!StackHoldsOperands(except))
        {
            if (label < 0)
            {
                label = _il.NewLabel();
            }

            _il.Branch(when, label);
            return;
        }

        var ok = _il.NewLabel();
        _il.Branch(unless, ok);
        Call(RuntimeMembers.Trap(trap));
        _il.Mark(ok);
    }

    private void EmitTraps()
    {
        EmitTrap(_memoryTrapLabel, nameof(GuestTrap.MemoryOutOfBounds));
        EmitTrap(_interruptedLabel, nameof(GuestTrap.Interrupted));
        EmitTrap(_outOfFuelLabel, nameof(GuestTrap.OutOfFuel));
        EmitTrap(_typeMismatchLabel, nameof(GuestTrap.IndirectCallTypeMismatch));
    }

    private void EmitTrap(int label, string trap)
    {
        if (label >= 0)
        {
            _il.Mark(label);
            EmitTrapHere(trap);
        }
    }

    private void EmitTrapHere(string trap)
    {
        Call(RuntimeMembers.Trap(trap));

        // The call does not return; IL wants the block ended.
        _il.Op(IlOpcode.LdNull);
        _il.Op(IlOpcode.Throw);
    }
}
