using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Databases;
using HeliosEdge.Grains.Abstractions.Pipelines;
using HeliosEdge.Grains.Databases;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>Lists and changes the pipelines in the databases of this silo's regions.</summary>
public sealed class PipelineRunner(DatabaseRunner databases, FunctionCatalog catalog, SandboxPolicy policy, PipelineCall call, PipelineDriver driver)
{
    /// <summary>Does what an order says. Whatever goes wrong with it is in the result.</summary>
    /// <param name="region">The region, one of this silo.</param>
    /// <param name="order">What to do.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<PipelineResult> RunAsync(string region, PipelineOrder order, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(DatabaseLimits.DefaultMs);
        try
        {
            if (order.Action != PipelineAction.List)
            {
                Names.Require("The pipeline name", order.Name ?? "");
            }

            return await DoAsync(region, order, patience.Token).ConfigureAwait(false);
        }
        catch (SandboxException e)
        {
            return Failed(e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(new SandboxException(ErrorCodes.Timeout, $"The database has not answered within {DatabaseLimits.DefaultMs} ms.") { Limit = DatabaseLimits.DefaultMs });
        }
    }

    private async Task<PipelineResult> DoAsync(string region, PipelineOrder order, CancellationToken cancellationToken)
    {
        var database = databases.Require(region, order.Database);
        var changes = database.Changes
            ?? throw new SandboxException(ErrorCodes.InvalidParameter, $"{database.Name} is {database.Kind}, whose changes nothing captures.");
        switch (order.Action)
        {
            case PipelineAction.List:
                return Shown(await changes.ListAsync(cancellationToken).ConfigureAwait(false));
            case PipelineAction.ListDead:
                return await ListDeadAsync(changes, order, cancellationToken).ConfigureAwait(false);
            case PipelineAction.RetryDead or PipelineAction.DiscardDead:
                await SettleAsync(region, changes, order, cancellationToken).ConfigureAwait(false);
                return new PipelineResult();
        }

        try
        {
            switch (order.Action)
            {
                case PipelineAction.Put:
                    var definition = PipelineCheck.ToDefinition(region, order.Name!, order.Terms!, catalog, policy);
                    var isNew = await changes.PutAsync(definition, cancellationToken).ConfigureAwait(false);
                    return Shown([await RequireAsync(changes, order.Name!, cancellationToken).ConfigureAwait(false)]) with { IsNew = isNew };
                case PipelineAction.Delete:
                    await changes.DeleteAsync(order.Name!, cancellationToken).ConfigureAwait(false);
                    return new PipelineResult();
                case PipelineAction.Replay:
                    return Shown([await changes.ReplayAsync(order.Name!, order.From!, cancellationToken).ConfigureAwait(false)]);
                default:
                    var state = order.Action == PipelineAction.Pause ? PipelineState.Paused : PipelineState.Running;
                    return Shown([await changes.SwitchAsync(order.Name!, state, reason: null, revision: null, cancellationToken).ConfigureAwait(false)]);
            }
        }
        finally
        {
            driver.Look(region, database.Name);
        }

        PipelineResult Shown(ImmutableArray<PipelineStatus> pipelines) => new() { Pipelines = [.. pipelines.Select(pipeline => PipelineDescriptions.Of(database.Name, pipeline))] };
    }

    private static async Task<PipelineResult> ListDeadAsync(ISqlChanges changes, PipelineOrder order, CancellationToken cancellationToken)
    {
        if (order.Count is < 1 or > PipelineLimits.MaxDeadCount)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"count must be from 1 to {PipelineLimits.MaxDeadCount}, not {order.Count}.") { Limit = PipelineLimits.MaxDeadCount, Value = order.Count };
        }

        var dead = await changes.DeadAsync(order.Name!, order.DeadId, order.Count, cancellationToken).ConfigureAwait(false);
        return new PipelineResult
        {
            Dead = [.. dead.Select(change => new DeadChangeDescription { Id = change.Id, Event = change.Event, Code = change.Code, Message = change.Message, At = change.At })],
        };
    }

    private async Task SettleAsync(string region, ISqlChanges changes, PipelineOrder order, CancellationToken cancellationToken)
    {
        ImmutableArray<TableRecord> records = [];
        if (order.Action == PipelineAction.RetryDead)
        {
            var pipeline = (await RequireAsync(changes, order.Name!, cancellationToken).ConfigureAwait(false)).Definition;
            var found = await changes.DeadAsync(order.Name!, order.DeadId - 1, count: 1, cancellationToken).ConfigureAwait(false);
            if (found is not [var dead] || dead.Id != order.DeadId)
            {
                throw NotDead(order);
            }

            var answer = await call.CallAsync(region, pipeline, PipelinePayload.Of(pipeline.Name, dead.Event), cancellationToken).ConfigureAwait(false);
            records = pipeline.Sink?.Table is null ? [] : TableRecords.Read(answer);
        }

        if (!await changes.SettleAsync(order.Name!, order.DeadId, records, cancellationToken).ConfigureAwait(false))
        {
            throw NotDead(order);
        }
    }

    private static async Task<PipelineStatus> RequireAsync(ISqlChanges changes, string name, CancellationToken cancellationToken) =>
        (await changes.ListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(pipeline => pipeline.Definition.Name == name)
        ?? throw new SandboxException(ErrorCodes.PipelineNotFound, $"There is no pipeline \"{Names.Shorten(name)}\".");

    private static SandboxException NotDead(PipelineOrder order) => new(ErrorCodes.DeadChangeNotFound, $"The pipeline \"{order.Name}\" has no dead change {order.DeadId}.");

    private static PipelineResult Failed(SandboxException e) => new() { Fault = new DatabaseFault { Code = e.Code, Message = e.Message, Limit = e.Limit, Value = e.Value } };
}
