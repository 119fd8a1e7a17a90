using Xunit;

namespace HeliosEdge.Cli.Tests;

/// <summary>A test that needs a terminal, which the program <c>script</c> of util-linux makes.</summary>
internal sealed class TerminalFactAttribute : FactAttribute
{
    public TerminalFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/script"))
        {
            Skip = "The program script of util-linux, which makes a terminal, is not here.";
        }
    }
}
