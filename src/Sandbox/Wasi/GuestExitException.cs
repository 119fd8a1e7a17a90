namespace HeliosEdge.Sandbox.Wasi;

/// <summary>The guest called <c>proc_exit</c>; unwinds its calls and reaches whoever called into it, unchanged.</summary>
public sealed class GuestExitException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="exitCode">What the guest exits with.</param>
    public GuestExitException(int exitCode)
        : base($"The guest exited with code {(uint)exitCode}.")
    {
        ExitCode = exitCode;
    }

    /// <summary>What the guest exits with; 0 is success.</summary>
    public int ExitCode { get; }
}
