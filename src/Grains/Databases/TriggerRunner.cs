using HeliosEdge.Grains.Abstractions.Databases;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Procedures;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;

namespace HeliosEdge.Grains.Databases;

/// <summary>Lists and changes the triggers in the databases of this silo's regions.</summary>
public sealed class TriggerRunner(DatabaseRunner databases, FunctionCatalog catalog)
{
    private const int MaxWhenChars = 4_096;

    /// <summary>Does what an order says. Whatever goes wrong with it is in the result.</summary>
    /// <param name="region">The region, one of this silo.</param>
    /// <param name="order">What to do.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<TriggerResult> RunAsync(string region, TriggerOrder order, CancellationToken cancellationToken)
    {
        try
        {
            Check(region, order);
            return await databases.WithAsync(region, order.Database, (database, patience) => Run(database, order, patience), cancellationToken).ConfigureAwait(false);
        }
        catch (SandboxException e)
        {
            return new TriggerResult { Fault = new DatabaseFault { Code = e.Code, Message = e.Message, Limit = e.Limit, Value = e.Value } };
        }
    }

    private static TriggerResult Run(ISqlDatabase database, TriggerOrder order, SqlPatience patience)
    {
        if (database.Triggers is not { } triggers)
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter, $"{database.Name} is {database.Kind}, in which no guest can be a trigger.");
        }

        switch (order.Action)
        {
            case TriggerAction.List:
                return new TriggerResult { Triggers = [.. triggers.List(patience).Select(state => Describe(database, state))] };
            case TriggerAction.Put:
                var definition = new TriggerDefinition(
                    order.Name!, order.Table!, [.. order.Events.Order(StringComparer.Ordinal)], order.Function!, order.When, order.Columns);
                var isNew = triggers.Put(definition, patience);
                return new TriggerResult { Triggers = [Describe(database, new TriggerState(definition, IsEnabled: true, default))], IsNew = isNew };
            case TriggerAction.Delete:
                triggers.Delete(order.Name!, patience);
                return new TriggerResult();
            default:
                return new TriggerResult { Triggers = [Describe(database, triggers.Enable(order.Name!, order.Action == TriggerAction.Enable, patience))] };
        }
    }

    private static TriggerDescription Describe(ISqlDatabase database, TriggerState state) => new()
    {
        Name = state.Definition.Name,
        Database = database.Name,
        Table = state.Definition.Table,
        Events = state.Definition.Events,
        Function = state.Definition.Function,
        When = state.Definition.When,
        Columns = state.Definition.Columns,
        Enabled = state.IsEnabled,
        Fired = state.Counts.Fired,
        Rejected = state.Counts.Rejected,
        Failed = state.Counts.Failed,
        LastError = state.Counts.LastError,
    };

    private void Check(string region, TriggerOrder order)
    {
        if (order.Action == TriggerAction.List)
        {
            return;
        }

        Names.Require("The trigger name", order.Name ?? "");
        if (order.Action != TriggerAction.Put)
        {
            return;
        }

        if (order.Events.IsEmpty)
        {
            throw Refuse($"events is empty; events are {string.Join(", ", TriggerEvents.All)}.");
        }

        if (order.Events.FirstOrDefault(name => !TriggerEvents.All.Contains(name)) is { } unknown)
        {
            throw Refuse($"\"{Names.Shorten(unknown)}\" in events is not an event; events are {string.Join(", ", TriggerEvents.All)}.");
        }

        if (order.Events.Distinct().Count() < order.Events.Length || order.Columns.Distinct().Count() < order.Columns.Length)
        {
            throw Refuse("events or columns names something twice.");
        }

        if (order.When?.Length > MaxWhenChars)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"when has {order.When.Length} characters; the limit is {MaxWhenChars}.") { Limit = MaxWhenChars, Value = order.When.Length };
        }

        var function = catalog.Find(region, order.Function!);
        var profile = function.ToProfile();
        if (!SqlFunctionCheck.IsAllowed(profile))
        {
            throw new SandboxException(ErrorCodes.CapabilityDenied, SqlFunctionCheck.Refusal(function.Name, profile));
        }
    }

    private static SandboxException Refuse(string message) => new(ErrorCodes.InvalidParameter, message);
}
