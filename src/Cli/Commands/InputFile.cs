using HeliosEdge.Cli.CommandLine;

namespace HeliosEdge.Cli.Commands;

/// <summary>A file named on the command line, read whole.</summary>
internal static class InputFile
{
    public static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FailureException("file_not_found", $"There is no file '{path}'.", ExitCode.Usage, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new FailureException("file_unreadable", $"'{path}' cannot be read: {e.Message}", ExitCode.Usage, e);
        }
    }
}
