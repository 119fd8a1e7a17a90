using Xunit;

namespace HeliosEdge.Testing;

/// <summary>A fact about Linux; left out, with the reason, elsewhere.</summary>
public sealed class LinuxFactAttribute : FactAttribute
{
    internal const string Reason = "This is about Linux.";

    /// <summary>Looks where it runs.</summary>
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : Reason;
}
