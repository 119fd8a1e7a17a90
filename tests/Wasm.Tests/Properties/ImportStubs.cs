namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>Gives a module that compiled everything it imports: host functions that return zeros, new memories, tables, globals.</summary>
internal static class ImportStubs
{
    public static Linker For(Module module, ReadOnlySpan<byte> bytes, Store store)
    {
        var linker = new Linker();
        var types = Types(bytes);
        var defined = new HashSet<(string, string)>();
        for (var i = 0; i < module.Imports.Length; i++)
        {
            // Two imports of one name can have two types; the second then does not link, which is an outcome too.
            var import = module.Imports[i];
            if (!defined.Add((import.Module, import.Name)))
            {
                continue;
            }

            if (import.FunctionType is { } type)
            {
                linker.DefineFunction(import.Module, import.Name, type, (_, _, results) =>
                {
                    for (var r = 0; r < results.Length; r++)
                    {
                        results[r] = WasmValue.Default(type.Results[r]);
                    }
                });
            }
            else if (Create(types[i], store) is { } value)
            {
                linker.Define(import.Module, import.Name, value);
            }
        }

        return linker;
    }

    private readonly record struct ImportType(ExternKind Kind, ValueKind Value, bool Mutable, uint Minimum, uint? Maximum);

    private static Extern? Create(ImportType type, Store store) => type.Kind switch
    {
        // More than a trial's store allows is left out, so that the module does not link.
        ExternKind.Table => type.Minimum > Trial.MaxTableElements ? null : new Table(store, type.Value, type.Minimum, type.Maximum),
        ExternKind.Memory => type.Minimum > Trial.MaxMemoryPages ? null : new LinearMemory(store, type.Minimum, type.Maximum),
        _ => new Global(store, type.Value, type.Mutable, WasmValue.Default(type.Value)),
    };

    private static List<ImportType> Types(ReadOnlySpan<byte> bytes)
    {
        var types = new List<ImportType>();
        foreach (var section in SectionMap.Of(bytes))
        {
            if (section.Id != 2)
            {
                continue;
            }

            var at = section.Content;
            for (var count = Number(bytes, ref at); count > 0; count--)
            {
                Skip(bytes, ref at);
                Skip(bytes, ref at);
                var kind = bytes[at++];
                switch (kind)
                {
                    case 0:
                        Number(bytes, ref at);
                        types.Add(new(ExternKind.Function, default, false, 0, null));
                        break;
                    case 1:
                        var element = (ValueKind)bytes[at++];
                        types.Add(Limits(bytes, ref at) with { Kind = ExternKind.Table, Value = element });
                        break;
                    case 2:
                        types.Add(Limits(bytes, ref at) with { Kind = ExternKind.Memory });
                        break;
                    default:
                        var value = (ValueKind)bytes[at++];
                        types.Add(new(ExternKind.Global, value, bytes[at++] == 1, 0, null));
                        break;
                }
            }
        }

        return types;
    }

    private static ImportType Limits(ReadOnlySpan<byte> bytes, ref int at)
    {
        var hasMaximum = bytes[at++] == 1;
        var minimum = (uint)Number(bytes, ref at);
        return new(default, default, false, minimum, hasMaximum ? (uint)Number(bytes, ref at) : null);
    }

    private static void Skip(ReadOnlySpan<byte> bytes, ref int at)
    {
        var length = (int)Number(bytes, ref at);
        at += length;
    }

    private static ulong Number(ReadOnlySpan<byte> bytes, ref int at) =>
        InstructionMap.Unsigned(bytes, ref at, out var value)
            ? value
            : throw new InvalidOperationException("The module compiled although its import section has a broken integer.");
}
