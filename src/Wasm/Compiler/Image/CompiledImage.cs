namespace HeliosEdge.Wasm.Compiler;

/// <summary>
/// Which method rows of an image hold what (ECMA-335 II.22.26); rows count from 1. The stubs stand by type index, 0 where no
/// function of the type needs one.
/// </summary>
internal readonly record struct ImageLayout(int FirstFunction, int[] EntryStubs, int[] HostStubs);

/// <summary>The code of a module as an assembly image.</summary>
internal sealed record CompiledImage(byte[] Bytes, ImageLayout Layout);
