using System.Security.Cryptography;

namespace HeliosEdge.Sandbox.Engines.Caching;

/// <summary>The key of this installation that compiled code is authenticated with: 32 random bytes in a file that only its owner may read.</summary>
internal static class CodeKey
{
    public const int Bytes = 32;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads the key; makes a new one where there is none, or one that others could have read or that is damaged.</summary>
    public static byte[] Open(string path)
    {
        if (File.Exists(path))
        {
            var key = File.ReadAllBytes(path);
            if (key.Length == Bytes && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & ~OwnerOnly) == 0))
            {
                return key;
            }

            File.Delete(path);
        }

        var fresh = RandomNumberGenerator.GetBytes(Bytes);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var file = new FileStream(path, options);
        file.Write(fresh);
        file.Flush(flushToDisk: true);
        return fresh;
    }
}
