namespace HeliosEdge.Silo.Hosting;

/// <summary>The folder of the silo's state, held by one silo at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    /// <summary>Takes the folder, making it if need be.</summary>
    /// <exception cref="SiloStartException">It can not be made or written to, or another silo has it.</exception>
    public DataFolder(string path)
    {
        Path = path;
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SiloStartException($"The data folder {path} can not be made: {e.Message}", e);
        }

        var lockFile = System.IO.Path.Combine(path, "silo.lock");
        try
        {
            // The system lets go of it when the process ends, however it ends.
            _lock = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new SiloStartException($"The data folder {path} can not be written to: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new SiloStartException($"The data folder {path} is in use by another silo ({e.Message}); choose another with --data.", e);
        }
    }

    public string Path { get; }

    public string Database => System.IO.Path.Combine(Path, "silo.db");

    public string KeyValues => System.IO.Path.Combine(Path, "keys.db");

    /// <summary>The folder of the regions' databases, one file each.</summary>
    public string RegionDatabases => Directory.CreateDirectory(System.IO.Path.Combine(Path, "regions")).FullName;

    public void Dispose() => _lock.Dispose();
}
