using System.Text.RegularExpressions;

namespace HeliosEdge.Sandbox.Engines.Caching;

/// <summary>
/// Files of compiled code in a folder of bounded size: what was used least recently goes first. Several processes may share the folder,
/// and each may end at any moment: a file appears with all of its bytes or not at all, and what a writer left behind is removed later.
/// </summary>
internal sealed partial class CodeFolder
{
    private const long MaxFileBytes = 1L << 30;

    // Nobody takes this long to write a file.
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    private readonly string _folder;
    private readonly long _maxBytes;
    private readonly Action<string> _report;
    private readonly Lock _trimming = new();

    /// <summary>Opens the folder, making it if need be, and brings it within its size.</summary>
    /// <param name="folder">The folder; only its owner may look into a new one.</param>
    /// <param name="maxBytes">Bytes of all files together.</param>
    /// <param name="report">Gets a sentence on everything that does not work.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be made.</exception>
    public CodeFolder(string folder, long maxBytes, Action<string> report)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBytes);
        _folder = folder;
        _maxBytes = maxBytes;
        _report = report;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Trim(newest: null);
    }

    /// <summary>Where a file is.</summary>
    /// <param name="name">64 lower-case hexadecimal digits.</param>
    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Reads a file and takes note that it was used; null if it is not there.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is larger than any such file can be.</exception>
    public byte[]? Read(string name)
    {
        var path = PathOf(name);
        if (!File.Exists(path))
        {
            return null;
        }

        // While this is open for reading, no process removes the file.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (file.Length > MaxFileBytes)
        {
            throw new InvalidDataException($"it has {file.Length} bytes, more than {MaxFileBytes}");
        }

        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        try
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _report($"The use of {path} cannot be noted: {e.Message}");
        }

        return bytes;
    }

    /// <summary>Keeps a file, and removes others to make room.</summary>
    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        var path = PathOf(name);
        if (bytes.Length > _maxBytes)
        {
            _report($"Compiled code of {bytes.Length} bytes is not kept: the cache has {_maxBytes} bytes.");
            return;
        }

        var written = $"{path}.{Guid.NewGuid():N}";
        try
        {
            // Whoever reads the file sees all of it or none.
            File.WriteAllBytes(written, bytes);
            File.Move(written, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _report($"Compiled code cannot be kept in {path}: {e.Message}");
            Remove(written);
            return;
        }

        Trim(newest: path);
    }

    /// <summary>Removes a file, if it is there.</summary>
    public void Discard(string name) => Remove(PathOf(name));

    /// <summary>Removes files that were last used before a time, but for those of these names.</summary>
    public void Keep(IReadOnlySet<string> names, DateTime before)
    {
        lock (_trimming)
        {
            try
            {
                foreach (var file in new DirectoryInfo(_folder).EnumerateFiles())
                {
                    if (CodeName().IsMatch(file.Name) && !names.Contains(file.Name) && file.LastWriteTimeUtc < before)
                    {
                        TryEvict(file.FullName);
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _report($"Code of modules that are gone cannot be looked for in {_folder}: {e.Message}");
            }
        }
    }

    private void Remove(string path)
    {
        try
        {
            if (File.Exists(path))
            {
                File.Delete(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _report($"{path} cannot be deleted: {e.Message}");
        }
    }

    // The system's clock for files ticks more slowly than the one that uses are noted by, so the file that was just written need not look newest.
    private void Trim(string? newest)
    {
        lock (_trimming)
        {
            var kept = new List<(string Path, long Length, DateTime Used)>();
            var now = DateTime.UtcNow;
            try
            {
                foreach (var file in new DirectoryInfo(_folder).EnumerateFiles())
                {
                    if (CodeName().IsMatch(file.Name))
                    {
                        kept.Add((file.FullName, file.Length, file.LastWriteTimeUtc));
                    }
                    else if (UnfinishedName().IsMatch(file.Name) && now - file.LastWriteTimeUtc > Abandoned)
                    {
                        Remove(file.FullName);
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another process may also have removed a file between its listing and the look at its length; the next file that is kept trims again.
                _report($"The size of {_folder} cannot be told: {e.Message}");
                return;
            }

            var total = kept.Sum(file => file.Length);
            foreach (var (path, length, _) in kept.Where(file => file.Path != newest).OrderBy(file => file.Used))
            {
                if (total <= _maxBytes)
                {
                    return;
                }

                total -= TryEvict(path) ? length : 0;
            }
        }
    }

    /// <summary>Removes a file unless somebody reads it.</summary>
    private static bool TryEvict(string path)
    {
        try
        {
            // Windows does not delete what is open. Elsewhere the exclusive lock of FileShare.None takes that part; should a new file be
            // moved here between the two, that one goes, and its module is compiled once more.
            using var exclusive = OperatingSystem.IsWindows() ? null : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 0);
            File.Delete(path);
            return true;
        }
        catch (FileNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"\A[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex CodeName();

    [GeneratedRegex(@"\A[0-9a-f]{64}\.[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex UnfinishedName();
}
