namespace HeliosEdge.Sandbox.Abi.Http;

/// <summary>The bound on the body of a request that is read while it comes.</summary>
public static class BodyLimit
{
    /// <summary>Refuses a body that has become too long.</summary>
    /// <param name="length">Bytes that have come.</param>
    /// <param name="maxBytes">Bytes that it may have.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PayloadTooLarge"/>.</exception>
    public static void Require(long length, int maxBytes)
    {
        if (length > maxBytes)
        {
            throw new SandboxException(ErrorCodes.PayloadTooLarge, $"The body has {length} bytes or more; the limit is {maxBytes} bytes.")
            {
                Limit = maxBytes,
                Value = length,
            };
        }
    }
}
