using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>Fuel: a straight run of instructions is paid for where it starts.</summary>
internal sealed partial class FunctionCompiler
{
    // Where the cost of the open run stands in the IL, or -1.
    private int _runCostAt;
    private int _runCost;

    private void ResetFuel()
    {
        _runCostAt = -1;
        _runCost = 0;
    }

    private void ChargeFuel(byte opcode)
    {
        if (!_options.MeterFuel || !_live || opcode is Opcode.Nop or Opcode.Drop or Opcode.Block or Opcode.Loop or Opcode.Else or Opcode.End)
        {
            return;
        }

        if (_runCostAt < 0)
        {
            if (_fuelLocal < 0)
            {
                _fuelLocal = NewIlLocal(typeof(long*));
            }

            // *fuel -= cost; if (*fuel < 0) trap
            _il.LdLoc(_fuelLocal);
            _il.LdLoc(_fuelLocal);
            _il.Op(IlOpcode.LdIndI8);
            _runCostAt = _il.LdcI4Patchable(0);
            _il.Op(IlOpcode.ConvI8);
            _il.Op(IlOpcode.Sub);
            _il.Op(IlOpcode.StIndI8);
            _il.LdLoc(_fuelLocal);
            _il.Op(IlOpcode.LdIndI8);
            _il.LdcI4(0);
            _il.Op(IlOpcode.ConvI8);
            TrapIf(IlOpcode.Blt, IlOpcode.Bge, ref _outOfFuelLabel, nameof(GuestTrap.OutOfFuel), 0);
        }

        _il.Patch(_runCostAt, ++_runCost);
    }

    /// <summary>Ends the run: control may continue elsewhere, or come from elsewhere.</summary>
    private void EndRun()
    {
        _runCostAt = -1;
        _runCost = 0;
    }
}
