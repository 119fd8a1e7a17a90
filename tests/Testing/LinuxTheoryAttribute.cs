using Xunit;

namespace HeliosEdge.Testing;

/// <summary>A theory about Linux; left out, with the reason, elsewhere.</summary>
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks where it runs.</summary>
    public LinuxTheoryAttribute() => Skip = OperatingSystem.IsLinux() ? null : LinuxFactAttribute.Reason;
}
