namespace HeliosEdge.Wasm.Compiler;

/// <summary>
/// Wraps method bodies and metadata into the file format that the runtime loads (ECMA-335 II.25): one section of code, and the
/// import of the loader with its relocation, which the format demands of an image for any processor.
/// </summary>
internal static class PortableExecutable
{
    private const int SectionAlignment = 0x2000;
    private const int FileAlignment = 0x200;
    private const int HeaderSize = 0x200;
    private const int TextAddress = 0x2000;
    private const int ImageBase = 0x0040_0000;
    private const int CliHeaderSize = 72;
    private const int ImportTableSize = 40;

    /// <summary>The address of the method bodies, which follow the import address and the CLI header.</summary>
    private const int BodiesAddress = TextAddress + 8 + CliHeaderSize;

    public static byte[] Write(ReadOnlySpan<byte> bodies, MetadataTables metadata, string name)
    {
        var text = new ByteWriter(bodies.Length + (bodies.Length / 4) + (16 << 10));
        text.Zeros(8 + CliHeaderSize);
        text.Bytes(bodies);
        text.Align(4);
        var metadataAddress = TextAddress + text.Length;
        metadata.Serialize(text, BodiesAddress, name);
        var metadataSize = TextAddress + text.Length - metadataAddress;

        text.Align(4);
        var importTable = TextAddress + text.Length;
        var lookup = importTable + ImportTableSize;
        var hint = lookup + 8;
        var library = hint + 14;
        text.U32(lookup);
        text.U64(0);
        text.U32(library);
        text.U32(TextAddress);
        text.Zeros(20);
        text.U32(hint);
        text.U32(0);
        text.Bytes("\0\0_CorDllMain\0"u8);
        text.Bytes("mscoree.dll\0"u8);
        var importSize = TextAddress + text.Length - importTable;
        text.Align(4);
        text.Zeros(2);
        var entry = TextAddress + text.Length;
        text.U8(0xFF);
        text.U8(0x25);
        text.U32(ImageBase + TextAddress);

        text.Patch32(0, hint);
        Span<int> cli =
        [
            CliHeaderSize, 2 | (5 << 16), metadataAddress, metadataSize, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ];
        for (var i = 0; i < cli.Length; i++)
        {
            text.Patch32(8 + (4 * i), cli[i]);
        }

        var textSize = text.Length;
        var relocationAddress = TextAddress + Align(textSize, SectionAlignment);
        var image = new ByteWriter(HeaderSize + textSize + (2 * FileAlignment));
        WriteHeaders(image, textSize, relocationAddress, entry, importTable, importSize);
        image.Bytes(text.Written);
        image.Align(FileAlignment);

        // One relocation: the address in the entry stub.
        image.U32((entry + 2) & ~0xFFF);
        image.U32(12);
        image.U16(0x3000 | ((entry + 2) & 0xFFF));
        image.U16(0);
        image.Align(FileAlignment);
        return image.Written.ToArray();
    }

    private static void WriteHeaders(ByteWriter image, int textSize, int relocationAddress, int entry, int importTable, int importSize)
    {
        var textFileSize = Align(textSize, FileAlignment);
        image.Bytes("MZ"u8);
        image.Zeros(58);
        image.U32(0x80);
        image.Zeros(64);
        image.Bytes("PE\0\0"u8);
        image.U16(0x014C);
        image.U16(2);
        image.U32(0);
        image.U64(0);
        image.U16(0xE0);
        image.U16(0x2022);

        image.U16(0x010B);
        image.U16(48);
        image.U32(textFileSize);
        image.U32(FileAlignment);
        image.U32(0);
        image.U32(entry);
        image.U32(TextAddress);
        image.U32(relocationAddress);
        image.U32(ImageBase);
        image.U32(SectionAlignment);
        image.U32(FileAlignment);
        image.U32(4);
        image.U32(0);
        image.U32(4);
        image.U32(0);
        image.U32(relocationAddress + SectionAlignment);
        image.U32(HeaderSize);
        image.U32(0);
        image.U16(3);
        image.U16(0x8540);
        image.U32(0x10_0000);
        image.U32(0x1000);
        image.U32(0x10_0000);
        image.U32(0x1000);
        image.U32(0);
        image.U32(16);
        for (var directory = 0; directory < 16; directory++)
        {
            var (address, size) = directory switch
            {
                1 => (importTable, importSize),
                5 => (relocationAddress, 12),
                12 => (TextAddress, 8),
                14 => (TextAddress + 8, CliHeaderSize),
                _ => (0, 0),
            };
            image.U32(address);
            image.U32(size);
        }

        Section(image, ".text\0\0\0"u8, textSize, TextAddress, textFileSize, HeaderSize, 0x6000_0020);
        Section(image, ".reloc\0\0"u8, 12, relocationAddress, FileAlignment, HeaderSize + textFileSize, 0x4200_0040);
        image.Zeros(HeaderSize - image.Length);
    }

    private static void Section(ByteWriter image, ReadOnlySpan<byte> name, int size, int address, int fileSize, int fileAt, int characteristics)
    {
        image.Bytes(name);
        image.U32(size);
        image.U32(address);
        image.U32(fileSize);
        image.U32(fileAt);
        image.Zeros(12);
        image.U32(characteristics);
    }

    private static int Align(int value, int alignment) => (value + alignment - 1) / alignment * alignment;
}
