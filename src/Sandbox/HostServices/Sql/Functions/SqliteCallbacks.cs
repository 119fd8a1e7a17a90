using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql.Functions;

/// <summary>
/// Functions of a connection that SQLite calls in the middle of a statement. What they throw must not come to SQLite's own frames, which would end the
/// process: it ends the statement.
/// </summary>
internal static class SqliteCallbacks
{
    /// <summary>Any number of arguments.</summary>
    public const int AnyNumber = -1;

    /// <summary>Makes a function that gives a value for each row.</summary>
    public static void Scalar(sqlite3 database, string name, int flags, Action<sqlite3_context, sqlite3_value[]> body, Action<Exception> fail) =>
        raw.sqlite3_create_function(database, name, AnyNumber, flags, null, Guarded(body, fail));

    /// <summary>Makes a function that gives one value for many rows.</summary>
    public static void Aggregate(
        sqlite3 database, string name, int flags, Action<sqlite3_context, sqlite3_value[]> step, Action<sqlite3_context> final, Action<Exception> fail)
    {
        var guarded = Guarded(step, fail);
        raw.sqlite3_create_function(
            database,
            name,
            AnyNumber,
            flags,
            null,
            (context, data, arguments) => guarded(context, data, arguments),
            (context, _) =>
            {
                try
                {
                    final(context);
                }
                catch (Exception e)
                {
                    End(context, fail, e);
                }
            });
    }

    // Called for each row: nothing is made for a call.
    private static delegate_function_scalar Guarded(Action<sqlite3_context, sqlite3_value[]> body, Action<Exception> fail) => (context, _, arguments) =>
    {
        try
        {
            body(context, arguments);
        }
        catch (Exception e)
        {
            End(context, fail, e);
        }
    };

    private static void End(sqlite3_context context, Action<Exception> fail, Exception e)
    {
        fail(e);
        raw.sqlite3_result_error(context, "The statement was ended.");
    }
}
