using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Sandbox.SecurityTests.Attacks;

/// <summary>A hostile guest and what is to come of it.</summary>
/// <param name="Name">What it tries.</param>
/// <param name="Module">Its bytes.</param>
/// <param name="Verdict">What is to come of it.</param>
internal sealed record Attack(string Name, Func<byte[]> Module, Verdict Verdict)
{
    /// <summary>The export to call.</summary>
    public string? Entry { get; init; } = "handle";

    public byte[] Payload { get; init; } = [];

    /// <summary>What is to come of it on the managed engine, where that is something else.</summary>
    public Verdict? OnManaged { get; init; }

    public JsonObject Limits { get; init; } = [];

    /// <summary>What it may do; null for what its ABI has by default.</summary>
    public string? Profile { get; init; }

    public override string ToString() => Name;

    /// <summary>An attack by one of the built guests, in <c>tests/guests/hostile</c>.</summary>
    public static Attack By(string guest, string entry, Verdict verdict) =>
        new($"{guest}: {entry}", () => TestSilo.Guest($"hostile_{guest}"), verdict) { Entry = entry };

    public Attack With(string limit, long value)
    {
        var limits = Limits.DeepClone().AsObject();
        limits[limit] = value;
        return this with { Limits = limits };
    }

    public Attack Granted(string profile) => this with { Profile = profile };

    public Attack Sends(string payload) => this with { Payload = Encoding.UTF8.GetBytes(payload) };
}
