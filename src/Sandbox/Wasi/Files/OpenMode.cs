namespace HeliosEdge.Sandbox.Wasi.Files;

/// <summary>How a file is opened.</summary>
internal readonly record struct OpenMode(bool Read, bool Write, bool Create, bool Exclusive, bool Truncate);
