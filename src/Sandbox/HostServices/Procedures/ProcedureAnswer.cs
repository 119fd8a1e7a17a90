namespace HeliosEdge.Sandbox.HostServices.Procedures;

/// <summary>What a procedure answered that a guest called.</summary>
/// <param name="Json">Its answer; empty where it failed.</param>
/// <param name="Code">Why it failed, one of <see cref="ErrorCodes"/>; null where it did not.</param>
/// <param name="Message">The same for people.</param>
public readonly record struct ProcedureAnswer(ReadOnlyMemory<byte> Json, string? Code = null, string? Message = null);
