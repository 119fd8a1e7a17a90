namespace HeliosEdge.Cli.CommandLine;

/// <summary>An expected failure of a command: becomes one line on stderr and an exit code.</summary>
internal sealed class FailureException : Exception
{
    public FailureException(string code, string detail, int exitCode, Exception? cause = null)
        : base(detail, cause)
    {
        Code = code;
        ExitCode = exitCode;
    }

    public string Code { get; }

    public int ExitCode { get; }

    public static FailureException Usage(string detail) => new("usage", detail, CommandLine.ExitCode.Usage);
}
