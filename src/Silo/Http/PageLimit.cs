using HeliosEdge.Sandbox;

namespace HeliosEdge.Silo.Http;

/// <summary>How much of a listing is answered at once.</summary>
internal static class PageLimit
{
    /// <summary>The limit that is asked for, or the most where none is.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>.</exception>
    public static int Check(int? limit, int most) => limit switch
    {
        null => most,
        { } asked when asked >= 1 && asked <= most => asked,
        { } asked => throw new SandboxException(ErrorCodes.InvalidParameter, $"limit must be from 1 to {most}, not {asked}.")
        {
            Limit = most,
            Value = asked,
        },
    };
}
