namespace HeliosEdge.Cli.CommandLine;

/// <summary>The process's exit codes; part of the command's contract.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The silo, or for <c>run</c> the engine, refused or failed.</summary>
    public const int Refused = 1;

    /// <summary>The command line is wrong, or names a file that cannot be read.</summary>
    public const int Usage = 2;

    /// <summary>The silo is not reachable.</summary>
    public const int Unreachable = 3;

    /// <summary>128 + SIGINT.</summary>
    public const int Cancelled = 130;

    /// <summary>128 + SIGABRT: what a native program that crashes would give.</summary>
    public const int Trap = 134;
}
