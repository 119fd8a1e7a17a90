using System.Security.Cryptography;

namespace HeliosEdge.Wasm.Fuzz.Mutating;

/// <summary>The folder with the module at hand and those that broke the engine.</summary>
internal sealed class FuzzFindings
{
    private readonly string _current;
    private readonly string _folder;

    public FuzzFindings(DirectoryInfo folder)
    {
        folder.Create();
        _folder = folder.FullName;
        _current = Path.Combine(_folder, "current.wasm");
    }

    /// <summary>Writes the module before it runs: should the process die, the file says of what.</summary>
    public void Announce(byte[] module) => File.WriteAllBytes(_current, module);

    /// <summary>Saves a module and what it did; the file's path.</summary>
    public string Save(string kind, byte[] module, string text)
    {
        var name = $"{kind}-{Convert.ToHexStringLower(SHA256.HashData(module))[..12]}";
        var path = Path.Combine(_folder, name + ".wasm");
        File.WriteAllBytes(path, module);
        File.WriteAllText(Path.Combine(_folder, name + ".txt"), text);
        return path;
    }

    public void Finish() => File.Delete(_current);
}
