using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz.Engines;

/// <summary>Something that runs generated modules.</summary>
internal interface IEngine : IDisposable
{
    string Name { get; }

    /// <summary>Starts to run functions of a module; <see cref="Records"/> has to be called next.</summary>
    void Begin(GeneratedModule module, IReadOnlyList<int> functions);

    /// <summary>The records of the functions, each with every input.</summary>
    /// <exception cref="EngineDiedException">The engine's process is gone or does not answer; the next run starts another.</exception>
    byte[] Records();
}

/// <summary>An engine's process ended or hung while it ran a function.</summary>
internal sealed class EngineDiedException(string engine, int function, string words) : Exception($"{engine}: {words}")
{
    /// <summary>The number of the function that ran, or -1 where none did yet.</summary>
    public int Function => function;

    /// <summary>What is known of the end.</summary>
    public string Words => words;
}
