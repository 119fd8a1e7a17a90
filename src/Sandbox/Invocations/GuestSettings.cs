using System.Collections.Immutable;
using HeliosEdge.Sandbox.Wasi.Files.Bundles;

namespace HeliosEdge.Sandbox.Invocations;

/// <summary>What a registration gives its guests to read. Checked and capped when the function is registered.</summary>
public sealed record GuestSettings
{
    /// <summary>No settings at all.</summary>
    public static GuestSettings None { get; } = new();

    /// <summary>Environment variables, in the registration's order; names are unique.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>What a command gets after its own name.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>The configuration that plug-ins ask their host for, in the registration's order; names are unique.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Configuration { get; init; } = [];

    /// <summary>Bundles of read-only files, each with the folder where guests see it; the folders are unique.</summary>
    public ImmutableArray<KeyValuePair<string, BundleTree>> Bundles { get; init; } = [];

    /// <summary>The hosts that outbound HTTP may reach: <c>api.example.com</c>, <c>*.example.com</c>, either with <c>:port</c>.</summary>
    public ImmutableArray<string> AllowedHosts { get; init; } = [];
}
