namespace HeliosEdge.Sandbox.HostServices.Sql.Functions;

/// <summary>A function of SQL whose body is a guest's.</summary>
/// <param name="Name">Its name in SQL, and that of the registered function.</param>
/// <param name="Arguments">How many arguments it takes; -1 for any number.</param>
/// <param name="IsDeterministic">Whether the same arguments always give the same result; it may be used in indexes then.</param>
/// <param name="IsAggregate">Whether it makes one value of many rows.</param>
public sealed record SqlFunction(string Name, int Arguments, bool IsDeterministic, bool IsAggregate)
{
    /// <summary>Arguments that a function takes at most.</summary>
    public const int MaxArguments = SqlLimits.MaxArguments;
}
