using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql.Functions;

/// <summary>
/// Guests as functions of one connection. A scalar function gets a JSON array of its arguments; an aggregate gets
/// <c>{"op": "step", "state": …, "args": […]}</c> for each row, where the state is what it answered for the row of the same group before and null for the
/// first one, and <c>{"op": "final", "state": …}</c> in the end. Values are as parameters and results of statements.
/// </summary>
internal sealed class GuestFunctions(sqlite3 database)
{
    /// <summary>Bytes of all states of a statement's aggregates together.</summary>
    private const int MaxStateBytes = 16 << 20;

    /// <summary>Not to be used by what a schema has in it that others may have written; harmless otherwise (<c>SQLITE_DIRECTONLY</c>).</summary>
    private const int DirectOnly = 0x80000;

    private readonly ArrayBufferWriter<byte> _payload = new();
    private ImmutableArray<SqlFunction> _registered = [];
    private long _stateBytes;

    /// <summary>The guests of the statement that runs; null between statements.</summary>
    public StatementGuests? Guests { get; private set; }

    /// <summary>Whether a statement may call it.</summary>
    public bool Has(string name) => _registered.Any(function => function.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Makes the functions those that there are now. SQLite is told of all that they take any number of arguments, and the number is looked at here:
    /// one that is gone would hide another of the same name with another number.
    /// </summary>
    public void Update(ImmutableArray<SqlFunction> functions)
    {
        if (functions == _registered)
        {
            return;
        }

        foreach (var gone in _registered.Except(functions))
        {
            raw.sqlite3_create_function(database, gone.Name, SqliteCallbacks.AnyNumber, raw.SQLITE_UTF8, null, (delegate_function_scalar)null!);
        }

        foreach (var function in functions.Except(_registered))
        {
            Register(function);
        }

        _registered = functions;
    }

    /// <summary>Begins a statement.</summary>
    public void Begin(StatementGuests guests)
    {
        Guests = guests;
        _stateBytes = 0;
    }

    /// <summary>Ends it.</summary>
    public void End()
    {
        Guests?.Dispose();
        Guests = null;
    }

    private void Register(SqlFunction function)
    {
        var flags = raw.SQLITE_UTF8 | (function.IsDeterministic ? raw.SQLITE_DETERMINISTIC : DirectOnly);
        if (function.IsAggregate)
        {
            SqliteCallbacks.Aggregate(
                database, function.Name, flags, (context, arguments) => Step(function, context, arguments), context => Final(function.Name, context), e => Fail(function.Name, e));
        }
        else
        {
            SqliteCallbacks.Scalar(database, function.Name, flags, (context, arguments) => Scalar(function, context, arguments), e => Fail(function.Name, e));
        }
    }

    private void Scalar(SqlFunction function, sqlite3_context context, sqlite3_value[] arguments)
    {
        var name = function.Name;
        using (var writer = Payload())
        {
            if (!TryWrite(function, context, writer, arguments))
            {
                return;
            }
        }

        if (TryCall(name, context, out var answer))
        {
            SqlValues.Give(context, name, answer, Guests!);
        }
    }

    private void Step(SqlFunction function, sqlite3_context context, sqlite3_value[] arguments)
    {
        var name = function.Name;
        using (var writer = Payload())
        {
            writer.WriteStartObject();
            writer.WriteString("op", "step");
            writer.WritePropertyName("state");
            writer.WriteRawValue(context.state is byte[] state ? state : "null"u8, skipInputValidation: true);
            writer.WritePropertyName("args");
            if (!TryWrite(function, context, writer, arguments))
            {
                return;
            }

            writer.WriteEndObject();
        }

        if (!TryCall(name, context, out var answer))
        {
            return;
        }

        var next = answer.ToArray();
        _stateBytes += next.Length - ((context.state as byte[])?.Length ?? 0);
        if (!SqlValues.IsJson(next))
        {
            Fail(name, context, new SandboxException(ErrorCodes.CorruptedResponse, $"The state that {name} answered is no JSON."));
        }
        else if (_stateBytes > MaxStateBytes)
        {
            Fail(name, context, SandboxException.Breach(ErrorCodes.ResponseTooLarge, $"The states of {name} have", MaxStateBytes, _stateBytes, "bytes"));
        }
        else
        {
            context.state = next;
        }
    }

    private void Final(string name, sqlite3_context context)
    {
        if (Guests?.Failure is not null)
        {
            raw.sqlite3_result_error(context, "The statement was ended.");
            return;
        }

        using (var writer = Payload())
        {
            writer.WriteStartObject();
            writer.WriteString("op", "final");
            writer.WritePropertyName("state");
            writer.WriteRawValue(context.state is byte[] state ? state : "null"u8, skipInputValidation: true);
            writer.WriteEndObject();
        }

        if (TryCall(name, context, out var answer))
        {
            SqlValues.Give(context, name, answer, Guests!);
        }
    }

    private Utf8JsonWriter Payload()
    {
        _payload.ResetWrittenCount();
        return new Utf8JsonWriter(_payload, new JsonWriterOptions { SkipValidation = true });
    }

    private bool TryWrite(SqlFunction function, sqlite3_context context, Utf8JsonWriter writer, sqlite3_value[] arguments)
    {
        var name = function.Name;
        if (function.Arguments >= 0 && arguments.Length != function.Arguments)
        {
            Fail(name, context, new SandboxException(ErrorCodes.InvalidParameter, $"{name} takes {function.Arguments} arguments, not {arguments.Length}."));
            return false;
        }

        writer.WriteStartArray();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (SqlValues.TryWrite(writer, arguments[i]) is { } unfit)
            {
                Fail(name, context, new SandboxException(ErrorCodes.InvalidParameter, $"Argument {i + 1} of {name} {unfit}."));
                return false;
            }
        }

        writer.WriteEndArray();
        return true;
    }

    private bool TryCall(string name, sqlite3_context context, out ReadOnlyMemory<byte> answer)
    {
        answer = default;
        if (Guests?.TryCall(name, _payload.WrittenSpan, out answer) == true)
        {
            return true;
        }

        raw.sqlite3_result_error(context, Guests?.Failure?.Message ?? $"{name} is called outside of a statement.");
        return false;
    }

    private void Fail(string name, Exception e) =>
        Guests?.Fail(name, e as SandboxException ?? new SandboxException(ErrorCodes.CorruptedResponse, $"What {name} answered cannot be read: {e.Message}", e));

    private void Fail(string name, sqlite3_context context, SandboxException failure)
    {
        Guests!.Fail(name, failure);
        raw.sqlite3_result_error(context, failure.Message);
    }
}
