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

                // What a subsection states too much of is not read from the next one.
                var subsection = new WasmReader(reader.Bytes(checked((int)reader.U32())));
                switch (id)
                {
                    case 0:
                        module.Name = subsection.Name();
                        break;
                    case 1:
                        ReadFunctionNames(ref subsection, module);
                        break;
                    default:
                        continue;
                }

                if (!subsection.AtEnd)
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
