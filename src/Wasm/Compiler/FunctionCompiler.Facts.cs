using System.Runtime.CompilerServices;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>
/// What is known of locals, so that bounds checks are left out where an earlier one proves them: an upper bound of the value,
/// and how far behind the value memory is known to reach. Linear memory never shrinks, so calls take nothing back.
/// </summary>
internal sealed partial class FunctionCompiler
{
    private const int MaxMergedFacts = 256;

    // A function is compiled again while loops bring more origins to locals than were known where they are read; in the end with all.
    private const int LastPass = 3;

    private readonly List<(int Local, Fact Before, bool Assigned)> _factLog = [];
    private Fact[] _facts = new Fact[64];
    private int[] _versions = new int[64];
    private int[] _mergeStamps = new int[64];

    // What any assignment up to here has put into the local, in a loop also those behind; never taken back, as code may be moved
    // together again.
    private OperandOrigin[] _origins = new OperandOrigin[64];
    private int _pass;
    private int _mergeStamp;
    private int _factClock;
    private int _validFrom;

    // Grows with everything that a trap must not overtake: stores, calls, branches, labels.
    private int _effects;

    private void ResetFacts(int locals)
    {
        if (_facts.Length < locals)
        {
            _facts = new Fact[locals];
            _versions = new int[locals];
            _mergeStamps = new int[locals];
            Array.Resize(ref _origins, locals);
        }

        _factLog.Clear();
        _factClock = _validFrom = 1;
        Array.Clear(_facts, 0, locals);
        Array.Clear(_versions, 0, locals);
        Array.Clear(_mergeStamps, 0, locals);
        if (_pass == 1)
        {
            Array.Clear(_origins, 0, locals);
        }
        else if (_pass == LastPass)
        {
            Array.Fill(_origins, OperandOrigin.Shift | OperandOrigin.FalseFlags | OperandOrigin.Folded, 0, locals);
        }

        _mergeStamp = 0;

        // Declared locals start as zero.
        for (var i = _parameters; i < locals; i++)
        {
            _facts[i] = new Fact { Born = _validFrom, Maximum = 0 };
        }
    }

    private bool IsValid(in Fact fact) => fact.Born >= _validFrom;

    private uint MaximumOf(int local) => IsValid(_facts[local]) ? _facts[local].Maximum : uint.MaxValue;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SetFact(int local, in Fact fact, bool assigned)
    {
        _factLog.Add((local, _facts[local], assigned));
        _facts[local] = fact;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Assigned(int local, in Operand value)
    {
        _versions[local]++;
        NoteAssignment(local, value.Origin);
        _origins[local] |= value.Origin;
        var fact = new Fact { Born = ++_factClock, Maximum = value.Maximum };
        if (value.Index >= 0
            && (value.Place == OperandPlace.Local || (value.Place == OperandPlace.Stack && _versions[value.Index] == value.Version))
            && value.Index != local
            && IsValid(_facts[value.Index]))
        {
            // A copy inherits what is known of the original.
            fact.CheckedEnd = _facts[value.Index].CheckedEnd;
        }

        SetFact(local, fact, assigned: true);
    }

    /// <summary>A loop may be entered again with other values: nothing known before holds inside.</summary>
    private void ForgetFacts()
    {
        _validFrom = ++_factClock;
        _effects++;
    }

    /// <summary>Takes back what was learnt since the log had a length, as when an if's other part starts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void UndoFacts(int length, List<int>? assigned)
    {
        _mergeStamp++;
        for (var i = _factLog.Count - 1; i >= length; i--)
        {
            var (local, before, wasAssigned) = _factLog[i];
            _facts[local] = before;
            if (wasAssigned && _mergeStamps[local] != _mergeStamp)
            {
                _mergeStamps[local] = _mergeStamp;
                assigned?.Add(local);
            }
        }

        _factLog.RemoveRange(length, _factLog.Count - length);
        _effects++;
    }

    /// <summary>Control flow joins: what was learnt in the frame holds on one way only, and assigned locals are unknown.</summary>
    private void JoinFacts(in ControlFrame frame)
    {
        if (_factLog.Count - frame.FactLog + (frame.Assigned?.Count ?? 0) > MaxMergedFacts)
        {
            // Merging is repeated by every block around this one: past a bound it is cheaper to know nothing.
            _factLog.RemoveRange(frame.FactLog, _factLog.Count - frame.FactLog);
            ForgetFacts();
            return;
        }

        var assigned = frame.Assigned ?? [];
        UndoFacts(frame.FactLog, assigned);
        foreach (var local in assigned)
        {
            _versions[local]++;
            SetFact(local, new Fact { Born = ++_factClock, Maximum = uint.MaxValue }, assigned: true);
        }
    }

    private struct Fact
    {
        /// <summary>When it was learnt; one from before the innermost loop's start is no longer valid.</summary>
        public int Born;

        /// <summary>No value of the local is larger, read as an unsigned i32.</summary>
        public uint Maximum;

        /// <summary>Memory holds at least this many bytes behind the address in the local; 0 is not known.</summary>
        public uint CheckedEnd;

        /// <summary>Where the constant of the check stands that proved it, or 0.</summary>
        public int CheckAt;

        /// <summary>The count of effects when it was emitted.</summary>
        public int CheckEffects;
    }
}
