namespace HeliosEdge.Sandbox.Tests.Wasi;

/// <summary>A directory of the host's that is gone after the test.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("helios-wasi-").FullName;

    public string Combine(string name) => System.IO.Path.Combine(Path, name);

    public void CopyFrom(string source)
    {
        foreach (var directory in Directory.EnumerateDirectories(source, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Combine(System.IO.Path.GetRelativePath(source, directory)));
        }

        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Combine(System.IO.Path.GetRelativePath(source, file)));
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
