using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Procedures;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Functions;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Procedures;

/// <summary>The body of a procedure's registration.</summary>
/// <param name="Module">SHA-256 of an uploaded module, 64 lower-case hexadecimal digits.</param>
/// <param name="Function">A registered function whose module, ABI and entry are taken, in place of module.</param>
/// <param name="Abi">How the guest is called, helios-1, wasi or extism; what the module is made for if not stated.</param>
/// <param name="Entry">The exported function to call; if not stated, handle for helios-1, _start for wasi and the only one there is for extism.</param>
/// <param name="Database">The database in which each call is a transaction; main if not stated.</param>
/// <param name="Mode">read_only or read_write; read_write if not stated.</param>
/// <param name="Isolation">What a transaction sees of others: default, read_committed, repeatable_read or serializable; default if not stated.</param>
/// <param name="Retries">How often the procedure is run again after a conflict with other transactions; 5 if not stated, 0 where it has http.outbound or kv.write.</param>
/// <param name="Sql">What makes the procedure a function of SQL as well, in the SQLite database main.</param>
/// <param name="Regions">The regions that serve the procedure; all of this silo's if none is stated.</param>
/// <param name="Limits">What each call may use; the silo's defaults where not stated.</param>
/// <param name="Profile">What the procedure may do; database_only if not stated. What it grants on SQL is for the procedure's own database.</param>
/// <param name="Capabilities">What the procedure may do beyond its profile.</param>
/// <param name="Env">Environment variables of the guest.</param>
/// <param name="Engine">What runs the procedure, wasmtime or managed, if the operator allows it; the silo's default if not stated.</param>
internal sealed record ProcedureBody(
    string? Module,
    string? Function,
    string? Abi,
    string? Entry,
    string? Database,
    string? Mode,
    string? Isolation,
    int? Retries,
    SqlFunctionBody? Sql,
    IReadOnlyList<string>? Regions,
    LimitsBody? Limits,
    string? Profile,
    IReadOnlyList<string>? Capabilities,
    IReadOnlyDictionary<string, string>? Env,
    string? Engine)
{
    private static readonly string[] Members =
    [
        "module", "function", "abi", "entry", "database", "mode", "isolation", "retries", "sql", "regions", "limits", "profile", "capabilities", "env", "engine",
    ];

    /// <summary>Reads a body.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="catalog">Where the function is looked up that it may name.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>, naming the member; <see cref="ErrorCodes.FunctionNotFound"/>.</exception>
    public static FunctionRequest Parse(ReadOnlyMemory<byte> json, FunctionCatalog catalog) => JsonMembers.Parse(json, Members, body =>
    {
        if (body.Has("module") == body.Has("function"))
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, "Either module or function says what the procedure runs; one of them, not both.");
        }

        var function = body.OptionalString("function") is { } name ? catalog.Find(name) : null;
        return new FunctionRequest(
            function?.Module ?? body.RequiredString("module"),
            body.OptionalString("abi") ?? function?.Abi,
            body.OptionalString("entry") ?? function?.Entry,
            body.OptionalStrings("regions"),
            LimitMembers.Read(body, "limits"),
            body.OptionalString("profile"),
            body.OptionalStrings("capabilities"),
            body.OptionalMap("env"),
            Engine: body.OptionalString("engine"))
        {
            Procedure = new ProcedureRequest(
                body.OptionalString("database"), body.OptionalString("mode"), body.OptionalString("isolation"), body.OptionalInteger("retries"), SqlFunctionBody.Parse(body)),
        };
    });
}
