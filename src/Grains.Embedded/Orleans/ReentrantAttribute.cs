namespace Orleans.Concurrency;

/// <summary>
/// Requests to this class may interleave: while one awaits, others begin. Between two awaits each still has the activation to itself.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;
