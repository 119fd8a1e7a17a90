using System.Text.Json;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Procedures;

/// <summary>What goes into a procedure and what comes out of it.</summary>
internal static class ProcedureJson
{
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: they are no JSON array.</exception>
    public static void CheckArguments(ReadOnlySpan<byte> json)
    {
        if (Fault(json, JsonTokenType.StartArray) is { } fault)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"The arguments of a procedure are a JSON array, such as [] or [1, \"a\"]: {fault}");
        }
    }

    /// <exception cref="SandboxException"><see cref="ErrorCodes.CorruptedResponse"/>: it is no JSON.</exception>
    public static void CheckAnswer(ReadOnlySpan<byte> json)
    {
        if (Fault(json, wanted: null) is { } fault)
        {
            throw new SandboxException(ErrorCodes.CorruptedResponse, $"The procedure's answer is no JSON: {fault}");
        }
    }

    private static string? Fault(ReadOnlySpan<byte> json, JsonTokenType? wanted)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            if (!reader.Read())
            {
                return "there is nothing.";
            }

            if (wanted is not null && reader.TokenType != wanted)
            {
                return $"this is a JSON {Describe(reader.TokenType)}.";
            }

            reader.Skip();
            return reader.Read() ? "there is more behind its end." : null;
        }
        catch (JsonException e)
        {
            return e.Message;
        }
    }

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "object",
        JsonTokenType.String => "string",
        JsonTokenType.Number => "number",
        JsonTokenType.Null => "null",
        _ => "boolean",
    };
}
