namespace HeliosEdge.Sandbox.Tests.Storage;

/// <summary>A folder with one file in it, gone after the test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("helios-sandbox-");

    public string Path => System.IO.Path.Combine(_folder.FullName, "test.db");

    public void Dispose() => _folder.Delete(recursive: true);
}
