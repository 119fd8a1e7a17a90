namespace HeliosEdge.Client;

/// <summary>A bundle of read-only files that a silo holds.</summary>
/// <param name="Hash">SHA-256 of the archive, 64 lower-case hexadecimal digits; what a registration refers to.</param>
/// <param name="Size">The archive's size in bytes.</param>
/// <param name="Files">How many files are in it.</param>
/// <param name="FileBytes">Bytes of all files together, unpacked.</param>
public sealed record BundleInfo(string Hash, long Size, int Files, long FileBytes);
