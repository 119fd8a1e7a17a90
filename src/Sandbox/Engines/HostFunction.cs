using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Engines;

/// <summary>What a host function does.</summary>
/// <param name="caller">The guest that called; valid until the callback returns.</param>
/// <param name="arguments">One value for each parameter; <see cref="HostValueKind"/> says how it is held.</param>
/// <returns>The result; ignored where the function has none.</returns>
/// <remarks>
/// What it throws ends the invocation: the exception passes through the guest's frames unchanged and leaves the call that entered the guest.
/// </remarks>
public delegate long HostCallback(IHostCaller caller, ReadOnlySpan<long> arguments);

/// <summary>One function that the host offers to guests, for whichever engine. Shared by all instances and threads: state of an invocation is in <see cref="IHostCaller.State"/>.</summary>
public sealed class HostFunction
{
    /// <summary>Defines a host function.</summary>
    /// <param name="module">The first name of the imports that it answers.</param>
    /// <param name="name">The second name.</param>
    /// <param name="parameters">The types of its parameters.</param>
    /// <param name="result">The type of its result, or null.</param>
    /// <param name="callback">What it does.</param>
    public HostFunction(string module, string name, ImmutableArray<HostValueKind> parameters, HostValueKind? result, HostCallback callback)
    {
        Module = module;
        Name = name;
        Parameters = parameters;
        Result = result;
        Callback = callback;
        Type = $"({string.Join(", ", parameters.Select(TextOf))}) -> ({(result is { } kind ? TextOf(kind) : string.Empty)})";
    }

    /// <summary>The first name of the imports that it answers.</summary>
    public string Module { get; }

    /// <summary>The second name.</summary>
    public string Name { get; }

    /// <summary>The types of its parameters.</summary>
    public ImmutableArray<HostValueKind> Parameters { get; }

    /// <summary>The type of its result, or null.</summary>
    public HostValueKind? Result { get; }

    /// <summary>What it does.</summary>
    public HostCallback Callback { get; }

    /// <summary>Its type as text, as in <see cref="ModuleImport.Type"/>.</summary>
    public string Type { get; }

    private static string TextOf(HostValueKind kind) => kind switch
    {
        HostValueKind.I32 => "i32",
        HostValueKind.I64 => "i64",
        HostValueKind.F32 => "f32",
        HostValueKind.F64 => "f64",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
