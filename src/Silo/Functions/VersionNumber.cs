using HeliosEdge.Sandbox;

namespace HeliosEdge.Silo.Functions;

/// <summary>Checks numbers that callers give.</summary>
internal static class VersionNumber
{
    /// <summary>Refuses what no version can have as its number.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>.</exception>
    public static int Check(string what, long number) => number is >= 1 and <= int.MaxValue
        ? (int)number
        : throw new SandboxException(ErrorCodes.InvalidParameter, $"{what} must be from 1 to {int.MaxValue}, not {number}.")
        {
            Limit = int.MaxValue,
            Value = number,
        };
}
