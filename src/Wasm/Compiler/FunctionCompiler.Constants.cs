using HeliosEdge.Wasm.Simd;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>
/// Keeps from RyuJIT what it would fold wrongly. No floating-point value and no vector that it sees is a constant to it: those of the
/// code and the zeros of locals come from the <see cref="ConstantPool"/>, and an integer that becomes a float or a vector is hidden
/// on the way. It can make a constant of a vector itself only by comparing or subtracting one with itself and the like; such vectors
/// are followed, and hidden from all instructions but those on whole bits.
/// </summary>
internal sealed partial class FunctionCompiler
{
    // What a declared local's first use was: none, an assignment that every way to a later use goes through, or another.
    private const byte Unused = 0;
    private const byte AssignedFirst = 1;
    private const byte NeedsZero = 2;

    private byte[] _firstUses = new byte[64];
    private int _constantsLocal;
    private bool _needsZeros;

    // Whether a local got an origin after it had been read, in a function with a loop: those reads may see the value as well.
    private bool _originsGrewLate;
    private bool _hasLoop;

    private static bool IsFoldable(ValueKind kind) => kind is ValueKind.F32 or ValueKind.F64 or ValueKind.V128;

    private void ResetConstants(int locals)
    {
        if (_firstUses.Length < locals)
        {
            _firstUses = new byte[locals];
        }

        Array.Clear(_firstUses, 0, locals);
        _constantsLocal = -1;
        _needsZeros = false;
        _originsGrewLate = false;
        _hasLoop = false;
    }

    private void LoadPooled(ValueKind kind, ulong low, ulong high) => LoadPooledAt(_il, kind, _image.Constants.OffsetOf(low, high));

    private void LoadPooledAt(IlWriter il, ValueKind kind, int offset)
    {
        EnsureConstants();
        il.LdLoc(_constantsLocal);
        if (offset != 0)
        {
            il.LdcI4(offset);
            il.Op(IlOpcode.ConvI);
            il.Op(IlOpcode.Add);
        }

        if (kind == ValueKind.V128)
        {
            il.Op(IlOpcode.LdObj, _image.Token(ClrTypes.Of(kind)));
        }
        else
        {
            il.Op(ReturnArea.LoadOpcode(kind));
        }
    }

    private void EnsureConstants()
    {
        if (_constantsLocal < 0)
        {
            _constantsLocal = NewIlLocal(typeof(nint));
        }
    }

    /// <summary>Makes the value on top of the IL stack one that RyuJIT knows nothing about, neither what it is nor where it is from.</summary>
    private void Hide(ValueKind kind)
    {
        if (!_live)
        {
            return;
        }

        LoadPooledAt(_il, kind, ConstantPool.Zero);
        if (kind == ValueKind.V128)
        {
            Call(RuntimeMembers.SimdOperation(nameof(SimdOperations.V128Xor)));
        }
        else
        {
            _il.Op(IlOpcode.Xor);
        }
    }

    /// <summary>Hides those of the two topmost values on the IL stack that are vectors which RyuJIT may have made constants of.</summary>
    private void HideFoldedVectors(in Operand left, in Operand right)
    {
        if (!IsFolded(left))
        {
            HideFoldedVector(right);
            return;
        }

        if (!_live)
        {
            return;
        }

        HideFoldedVector(right);
        var temporary = RentTemporary(right.Kind);
        _il.StLoc(temporary);
        Hide(ValueKind.V128);
        _il.LdLoc(temporary);
        ReturnTemporary(temporary);
    }

    private void HideFoldedVector(in Operand operand)
    {
        if (IsFolded(operand))
        {
            Hide(ValueKind.V128);
        }
    }

    private static bool IsFolded(in Operand operand) => operand.Kind == ValueKind.V128 && (operand.Origin & OperandOrigin.Folded) != 0;

    private void NoteRead(int local)
    {
        if (_firstUses[local] == Unused)
        {
            _firstUses[local] = NeedsZero;
            _needsZeros |= local >= _parameters && IsFoldable(_localKinds[local]);
        }
    }

    private void NoteAssignment(int local, OperandOrigin origin)
    {
        if (_firstUses[local] != Unused)
        {
            _originsGrewLate |= (origin & ~_origins[local]) != 0;
        }
        else if (_depth == 1)
        {
            // Nothing branches over an instruction that is in no block.
            _firstUses[local] = AssignedFirst;
        }
        else
        {
            NoteRead(local);
        }
    }

    /// <summary>Emits into the prologue that declared locals are zero, which RyuJIT must not know of those that it could fold with.</summary>
    private void EmitZeros()
    {
        if (!_needsZeros)
        {
            return;
        }

        Span<int> zeros = [-1, -1, -1];
        for (var local = _parameters; local < _localKinds.Count; local++)
        {
            var kind = _localKinds[local];
            if (_firstUses[local] != NeedsZero || !IsFoldable(kind))
            {
                continue;
            }

            ref var zero = ref zeros[kind switch { ValueKind.F32 => 0, ValueKind.F64 => 1, _ => 2 }];
            if (zero < 0)
            {
                zero = PlaceOf(local);
                LoadPooledAt(_prologue, kind, ConstantPool.Zero);
            }
            else
            {
                _prologue.LdLoc(zero);
            }

            _prologue.StLoc(PlaceOf(local));
        }
    }
}
