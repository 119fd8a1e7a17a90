namespace HeliosEdge.Wasm.Binary;

/// <summary>The name section (core spec 7.4.1): module and function names, for backtraces.</summary>
internal static class NameSection
{
    /// <summary>A broken name section never makes a module invalid (core spec 7.1); what was read up to the fault is kept.</summary>
    public static void Read(ref WasmReader reader, ModuleDefinition module)
    {
        try
        {
            while (!reader.AtEnd)
            {
                var id = reader.Byte();
                var size = reader.U32();
                var start = reader.Position;
                switch (id)
                {
                    case 0:
                        module.Name = reader.Name();
                        break;
                    case 1:
                        ReadFunctionNames(ref reader, module);
                        break;
                    default:
                        reader.Skip(checked((int)size));
                        break;
                }

                if (reader.Position - start != size)
                {
                    return;
                }
            }
        }
        catch (Exception fault) when (fault is InvalidModuleException or OverflowException)
        {
            // Names serve diagnostics only: the specification has engines ignore a malformed custom section.
            return;
        }
    }

    private static void ReadFunctionNames(ref WasmReader reader, ModuleDefinition module)
    {
        var count = reader.U32();
        for (var i = 0u; i < count; i++)
        {
            var index = reader.U32();
            var name = reader.Name();
            if (index <= int.MaxValue)
            {
                module.FunctionNames[(int)index] = name;
            }
        }
    }
}
