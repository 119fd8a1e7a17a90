using HeliosEdge.Settings;

namespace HeliosEdge.Silo.Hosting;

/// <summary>The folder of the silo's state, held by one silo at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    /// <summary>Takes the folder, making it if need be.</summary>
    /// <exception cref="SiloStartException">It cannot be made or written to, or another silo has it.</exception>
    public DataFolder(string path)
    {
        Path = path;
        RegionDatabases = System.IO.Path.Combine(path, "regions");
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SiloStartException($"The data folder {path} cannot be made: {e.Message}", e);
        }

        var lockFile = System.IO.Path.Combine(path, "silo.lock");
        try
        {
            // The system lets go of it when the process ends, however it ends.
            _lock = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new SiloStartException($"The data folder {path} cannot be written to: {e.Message}", e);
        }
        catch (IOException e) when (File.Exists(lockFile))
        {
            throw new SiloStartException($"The data folder {path} is in use by another silo ({e.Message}); choose another with --data.", e);
        }
        catch (IOException e)
        {
            throw new SiloStartException($"The data folder {path} cannot be written to: {e.Message}", e);
        }

        try
        {
            Directory.CreateDirectory(RegionDatabases);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _lock.Dispose();
            throw new SiloStartException($"The folder {RegionDatabases} cannot be made: {e.Message}", e);
        }
    }

    public string Path { get; }

    public string Database => System.IO.Path.Combine(Path, DataFiles.State);

    public string KeyValues => System.IO.Path.Combine(Path, "keys.db");

    /// <summary>The folder of the regions' databases, one file each.</summary>
    public string RegionDatabases { get; }

    /// <summary>Refuses to make an empty database where one must have been: functions would be gone, and their keys and SQL data be anybody's.</summary>
    /// <param name="startAfresh">Whether the operator wants exactly that.</param>
    /// <exception cref="SiloStartException">The database is gone and nobody said so, or it is there and somebody said it is not.</exception>
    public void CheckDatabase(bool startAfresh)
    {
        if (File.Exists(Database))
        {
            if (startAfresh)
            {
                throw new SiloStartException($"--{Setting.New.Name} starts afresh where {DataFiles.State} is gone, but {Database} is there; without it the silo starts with what it has.");
            }
        }
        else if (!startAfresh && FindRemains() is { } remains)
        {
            throw new SiloStartException(
                $"{Database} is gone, but {remains} is there: a silo was here, and its modules and functions are lost without {DataFiles.State}. Put it back, or start afresh with --{Setting.New.Name}.");
        }
    }

    /// <summary>What the folder is known by wherever it is moved to; made up when it is first asked for.</summary>
    /// <exception cref="SiloStartException">It cannot be read or written.</exception>
    public string Identity()
    {
        var file = System.IO.Path.Combine(Path, "folder.id");
        try
        {
            if (!File.Exists(file))
            {
                File.WriteAllText(file, Guid.NewGuid().ToString("N"));
            }

            return File.ReadAllText(file) is { Length: > 0 } identity ? identity : throw new SiloStartException($"{file}, by which the data folder is known, is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SiloStartException($"{file}, by which the data folder is known, cannot be used: {e.Message}", e);
        }
    }

    public void Dispose() => _lock.Dispose();

    // access.db and the compiled code are no such sign: keys may be made before the first start, which may end before there is a database.
    private string? FindRemains() =>
        File.Exists(KeyValues) ? KeyValues
        : File.Exists($"{Database}-wal") ? $"{Database}-wal"
        : Directory.EnumerateFiles(RegionDatabases, "*.db").FirstOrDefault();
}
