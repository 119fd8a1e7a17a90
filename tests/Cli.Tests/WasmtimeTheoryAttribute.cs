using HeliosEdge.Sandbox.Engines.Wasmtime;
using Xunit;

namespace HeliosEdge.Cli.Tests;

/// <summary>A theory about libwasmtime; left out, with the reason, where there is none.</summary>
internal sealed class WasmtimeTheoryAttribute : TheoryAttribute
{
    public WasmtimeTheoryAttribute()
    {
        if (!WasmtimeEngine.TryCreate(limits: null, out _, out var reason))
        {
            Skip = $"{reason}; {WasmtimeEngine.LibraryVariable} can name a library.";
        }
    }
}
