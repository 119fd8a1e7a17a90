using System.Runtime.InteropServices;
using System.Text;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>
/// The metadata of an assembly image (ECMA-335 II.22 to II.24): just the tables that compiled modules use. Handles are tokens.
/// </summary>
/// <remarks>
/// The framework's own writer keeps some forty lists of different row types, each of which costs the runtime's compiler a dozen
/// methods in a fresh process: more time than a small module takes to compile.
/// </remarks>
internal sealed class MetadataTables
{
    private const int TypeRefToken = 0x01000000;
    private const int MemberRefToken = 0x0A000000;
    private const int StandAloneSigToken = 0x11000000;
    private const int TypeSpecToken = 0x1B000000;
    private const int AssemblyRefToken = 0x23000000;

    private readonly ByteWriter _strings = new(4096);
    private readonly ByteWriter _blobs = new(4096);
    private readonly Dictionary<string, int> _knownStrings = [];
    private readonly Dictionary<string, int> _knownBlobs = [];
    private readonly List<int> _typeRefs = [];
    private readonly List<int> _typeDefs = [];
    private readonly List<int> _methods = [];
    private readonly List<int> _memberRefs = [];
    private readonly List<int> _signatures = [];
    private readonly List<int> _typeSpecs = [];
    private readonly List<int> _assemblyRefs = [];
    private (int Constructor, int Value) _assemblyAttribute;

    public MetadataTables()
    {
        _strings.U8(0);
        _blobs.U8(0);
    }

    public int MethodCount => _methods.Count / MethodColumns;

    private const int TypeRefColumns = 3;
    private const int TypeDefColumns = 4;
    private const int MethodColumns = 5;
    private const int MemberRefColumns = 3;
    private const int AssemblyRefColumns = 6;

    public int String(string text)
    {
        if (text.Length == 0)
        {
            return 0;
        }

        if (!_knownStrings.TryGetValue(text, out var at))
        {
            at = _strings.Length;
            _knownStrings.Add(text, at);

            // Strings in the heap end at a zero, which names in a module may contain.
            _strings.Utf8(text.Replace('\0', '?'));
            _strings.U8(0);
        }

        return at;
    }

    public int Blob(ReadOnlySpan<byte> bytes)
    {
        // Latin-1 gives each byte a character of its own, so that equal keys are equal blobs.
        var key = Encoding.Latin1.GetString(bytes);
        if (!_knownBlobs.TryGetValue(key, out var at))
        {
            at = _blobs.Length;
            _knownBlobs.Add(key, at);
            _blobs.Compressed(bytes.Length);
            _blobs.Bytes(bytes);
        }

        return at;
    }

    public int AddAssemblyRef(Version version, int publicKeyToken, int name)
    {
        _assemblyRefs.AddRange([version.Major, version.Minor, Math.Max(0, version.Build), Math.Max(0, version.Revision), publicKeyToken, name]);
        return AssemblyRefToken | (_assemblyRefs.Count / AssemblyRefColumns);
    }

    public int AddTypeRef(int assemblyRef, int nameSpace, int name)
    {
        // ResolutionScope: 2 bits of tag, 2 is AssemblyRef.
        _typeRefs.AddRange([(Row(assemblyRef) << 2) | 2, name, nameSpace]);
        return TypeRefToken | (_typeRefs.Count / TypeRefColumns);
    }

    public int AddTypeSpec(int signature)
    {
        _typeSpecs.Add(signature);
        return TypeSpecToken | _typeSpecs.Count;
    }

    /// <param name="attributes">ECMA-335 II.23.1.15.</param>
    /// <param name="name">Its name in the heap of strings.</param>
    /// <param name="extends">The base type's token, or 0.</param>
    /// <param name="firstMethod">The row of its first method.</param>
    public void AddTypeDef(int attributes, int name, int extends, int firstMethod) =>
        _typeDefs.AddRange([attributes, name, extends == 0 ? 0 : TypeDefOrRef(extends), firstMethod]);

    public void AddMethod(int bodyAt, int implementation, int attributes, int name, int signature) =>
        _methods.AddRange([bodyAt, implementation, attributes, name, signature]);

    public int AddMemberRef(int parent, int name, int signature)
    {
        // MemberRefParent: 3 bits of tag, 1 is TypeRef, 4 is TypeSpec.
        _memberRefs.AddRange([(Row(parent) << 3) | (parent >> 24 == 0x01 ? 1 : 4), name, signature]);
        return MemberRefToken | (_memberRefs.Count / MemberRefColumns);
    }

    public int AddSignature(int blob)
    {
        _signatures.Add(blob);
        return StandAloneSigToken | _signatures.Count;
    }

    public void SetAssemblyAttribute(int constructor, int value) => _assemblyAttribute = (constructor, value);

    /// <summary>A type's coded index as it stands in signatures and base types (ECMA-335 II.23.2.8).</summary>
    public static int TypeDefOrRef(int token) => (Row(token) << 2) | (token >> 24) switch { 0x02 => 0, 0x01 => 1, _ => 2 };

    /// <summary>The metadata root with its streams; method bodies are placed <paramref name="bodies"/> into the address space.</summary>
    public void Serialize(ByteWriter image, int bodies, string name)
    {
        var assemblyName = String(name);
        var empty = String(string.Empty);
        var methods = MethodCount;
        var root = image.Length;
        image.U32(0x424A5342);
        image.U16(1);
        image.U16(1);
        image.U32(0);
        image.U32(12);
        image.Bytes("v4.0.30319\0\0"u8);
        image.U16(0);
        image.U16(4);
        var tables = Stream(image, "#~\0\0"u8);
        var strings = Stream(image, "#Strings\0\0\0\0"u8);
        var guids = Stream(image, "#GUID\0\0\0"u8);
        var blobs = Stream(image, "#Blob\0\0\0"u8);

        var start = Begin(image, root, tables);
        image.U32(0);
        image.U8(2);
        image.U8(0);

        // Indices into the heaps of strings and blobs have 4 bytes, into the heap of GUIDs 2.
        image.U8(0x05);
        image.U8(1);
        image.U64((1L << 0x00) | (1L << 0x01) | (1L << 0x02) | (1L << 0x06) | (1L << 0x0A) | (1L << 0x0C) | (1L << 0x11) | (1L << 0x1B) | (1L << 0x20) | (1L << 0x23));
        image.U64(0);
        int[] rows =
        [
            1, _typeRefs.Count / TypeRefColumns, _typeDefs.Count / TypeDefColumns, methods, _memberRefs.Count / MemberRefColumns, 1,
            _signatures.Count, _typeSpecs.Count, 1, _assemblyRefs.Count / AssemblyRefColumns,
        ];
        foreach (var count in rows)
        {
            image.U32(count);
        }

        // The width of a coded index depends on the largest table that it can point into.
        var types = Math.Max(rows[1], rows[7]);
        var wideType = types > 0xFFFF >> 2;
        var wideParent = Math.Max(types, methods) > 0xFFFF >> 3;
        var wideAttributed = rows.Max() > 0xFFFF >> 5;
        var wideConstructor = Math.Max(methods, rows[4]) > 0xFFFF >> 3;

        // Module: generation, name, MVID, two more GUIDs.
        image.U16(0);
        image.U32(assemblyName);
        image.U16(1);
        image.U16(0);
        image.U16(0);
        foreach (var row in new TableRows(CollectionsMarshal.AsSpan(_typeRefs), TypeRefColumns))
        {
            image.U16(row[0]);
            image.U32(row[1]);
            image.U32(row[2]);
        }

        foreach (var row in new TableRows(CollectionsMarshal.AsSpan(_typeDefs), TypeDefColumns))
        {
            image.U32(row[0]);
            image.U32(row[1]);
            image.U32(empty);
            image.Index(row[2], wideType);
            image.U16(1);
            image.Index(row[3], wide: methods > 0xFFFF);
        }

        foreach (var row in new TableRows(CollectionsMarshal.AsSpan(_methods), MethodColumns))
        {
            image.U32(bodies + row[0]);
            image.U16(row[1]);
            image.U16(row[2]);
            image.U32(row[3]);
            image.U32(row[4]);
            image.U16(1);
        }

        foreach (var row in new TableRows(CollectionsMarshal.AsSpan(_memberRefs), MemberRefColumns))
        {
            image.Index(row[0], wideParent);
            image.U32(row[1]);
            image.U32(row[2]);
        }

        // CustomAttribute: parent (5 bits of tag, 14 is Assembly), constructor (3 bits, 3 is MemberRef), value.
        image.Index((1 << 5) | 14, wideAttributed);
        image.Index((Row(_assemblyAttribute.Constructor) << 3) | 3, wideConstructor);
        image.U32(_assemblyAttribute.Value);
        foreach (var signature in _signatures)
        {
            image.U32(signature);
        }

        foreach (var signature in _typeSpecs)
        {
            image.U32(signature);
        }

        // Assembly: hash algorithm, version, flags, public key, name, culture.
        image.U32(0);
        image.U64(0);
        image.U32(0);
        image.U32(0);
        image.U32(assemblyName);
        image.U32(empty);
        foreach (var row in new TableRows(CollectionsMarshal.AsSpan(_assemblyRefs), AssemblyRefColumns))
        {
            for (var i = 0; i < 4; i++)
            {
                image.U16(row[i]);
            }

            image.U32(0);
            image.U32(row[4]);
            image.U32(row[5]);
            image.U32(empty);
            image.U32(0);
        }

        End(image, start, tables);
        start = Begin(image, root, strings);
        image.Bytes(_strings.Written);
        End(image, start, strings);
        start = Begin(image, root, guids);
        image.Bytes(Guid.NewGuid().ToByteArray());
        End(image, start, guids);
        start = Begin(image, root, blobs);
        image.Bytes(_blobs.Written);
        End(image, start, blobs);
    }

    private static int Row(int token) => token & 0xFFFFFF;

    /// <summary>A stream's header; its offset and size are filled in later.</summary>
    private static int Stream(ByteWriter image, ReadOnlySpan<byte> name)
    {
        var at = image.Length;
        image.U64(0);
        image.Bytes(name);
        return at;
    }

    private static int Begin(ByteWriter image, int root, int header)
    {
        image.Patch32(header, image.Length - root);
        return image.Length;
    }

    private static void End(ByteWriter image, int start, int header)
    {
        image.Align(4);
        image.Patch32(header + 4, image.Length - start);
    }
}
