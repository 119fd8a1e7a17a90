using System.Net.Sockets;
using HeliosEdge.Sandbox;
using HeliosEdge.Settings;
using Microsoft.AspNetCore.Connections;

namespace HeliosEdge.Silo.Hosting;

/// <summary>Turns whatever keeps a silo from starting into one sentence for the operator and an exit code. There is no other place that does.</summary>
/// <param name="ExitCode"><see cref="CannotStart"/> or <see cref="BadSetting"/>.</param>
/// <param name="Sentence">What is wrong, on one line.</param>
internal sealed record StartFailure(int ExitCode, string Sentence)
{
    /// <summary>Something around the silo keeps it from starting.</summary>
    public const int CannotStart = 1;

    /// <summary>A setting is not accepted.</summary>
    public const int BadSetting = 2;

    /// <summary>What the operator is told of a failure.</summary>
    public static StartFailure Of(Exception e) => e switch
    {
        InvalidSettingException => new(BadSetting, OneLine(e.Message)),

        // A file of settings that is no JSON; where in it is said further within.
        InvalidDataException => new(BadSetting, OneLine($"{e.Message} {e.InnerException?.Message}")),
        SiloStartException => new(CannotStart, OneLine(e.Message)),
        _ => new(CannotStart, OneLine(Explain(e) ?? $"The silo cannot start: {e.Message} ({e.GetType().Name})")),
    };

    /// <summary>The failure of a silo with these options as the exception that says what to do about it.</summary>
    public static SiloStartException? Of(Exception e, SiloOptions options)
    {
        if (e is SiloStartException known)
        {
            return known;
        }

        var listening = string.Join(", ", options.Urls);
        var sentence = e switch
        {
            IOException { InnerException: AddressInUseException } => $"{listening} is in use by another process; choose another address with --urls.",
            SocketException socket => $"Cannot listen on {listening}: {socket.Message}.",
            IOException { InnerException: SocketException socket } => $"Cannot listen on {listening}: {socket.Message}.",
            _ => Explain(e),
        };
        return sentence is null ? null : new SiloStartException(sentence, e);
    }

    private static string? Explain(Exception e) => e switch
    {
        OutOfMemoryException => "The system gives this process too little memory, address space or threads to start a silo.",
        SandboxException or IOException or UnauthorizedAccessException => $"The silo cannot start: {e.Message}",
        _ => null,
    };

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
