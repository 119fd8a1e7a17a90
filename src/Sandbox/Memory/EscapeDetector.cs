namespace HeliosEdge.Sandbox.Memory;

/// <summary>
/// Counts the refused accesses of one invocation and ends it when there are too many: a broken guest errs once and goes on, one
/// that probes its walls errs again and again.
/// </summary>
/// <param name="function">The function that runs.</param>
/// <param name="region">Where it runs.</param>
/// <param name="ledger">Where refusals are counted beyond this invocation.</param>
/// <param name="maxViolations">The violation that ends the invocation, counted from 1.</param>
public sealed class EscapeDetector(string function, string region, EscapeLedger ledger, int maxViolations = EscapeDetector.DefaultMaxViolations)
{
    /// <summary>The violation that ends an invocation where nothing else is configured.</summary>
    public const int DefaultMaxViolations = 3;

    /// <summary>The refused accesses so far.</summary>
    public int Violations { get; private set; }

    /// <summary>Takes note of a refused access.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.SandboxViolation"/>: it was one too many.</exception>
    public void Report(GuestMemoryException refused)
    {
        if (!refused.IsEscape)
        {
            return;
        }

        ledger.Add(function, region, refused.Code);
        if (++Violations >= maxViolations)
        {
            throw new SandboxException(
                ErrorCodes.SandboxViolation,
                $"The guest was ended at its violation {Violations} of the sandbox; the limit is {maxViolations}. The last: {refused.Message}",
                refused)
            {
                Limit = maxViolations,
                Value = Violations,
            };
        }
    }
}
