namespace HeliosEdge.Sandbox.HostServices.Sql.Functions;

/// <summary>The names that functions of SQL have already.</summary>
public static class SqlFunctionNames
{
    /// <summary>Whether statements can call a function of SQLite's own by this name, in whatever case.</summary>
    public static bool IsBuiltIn(string name) => SqlAuthorizer.IsBuiltIn(name);
}
