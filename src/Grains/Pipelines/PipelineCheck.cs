using HeliosEdge.Grains.Abstractions.Pipelines;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>Checks what a pipeline is to be, apart from what its database has to say.</summary>
internal static class PipelineCheck
{
    /// <summary>The rows that are there come first.</summary>
    public const string Initial = "initial";

    /// <summary>The rows that are there do not come.</summary>
    public const string Never = "never";

    /// <summary>The pipeline as its database takes it.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/> or <see cref="ErrorCodes.FunctionNotFound"/>.</exception>
    public static PipelineDefinition ToDefinition(string region, string name, PipelineTerms terms, FunctionCatalog catalog, SandboxPolicy policy)
    {
        var tables = terms.Source.Tables;
        if (tables.IsEmpty)
        {
            throw Refuse("source.tables is empty; it names the tables whose changes are wanted.");
        }

        if (tables.GroupBy(table => table, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw Refuse($"source.tables has \"{Names.Shorten(twice.Key)}\" twice.");
        }

        var isInitial = terms.Source.Snapshot switch
        {
            Initial => true,
            Never => false,
            var other => throw Refuse($"source.snapshot must be {Initial} or {Never}, not \"{Names.Shorten(other)}\"."),
        };
        Range("batch.maxRows", terms.Batch.MaxRows, 1, PipelineLimits.MaxMaxRows);
        Range("batch.maxWaitMs", terms.Batch.MaxWaitMs, 0, PipelineLimits.MaxMaxWaitMs);
        Range("maxRetainedMiB", terms.MaxRetainedMiB, 1, PipelineLimits.MaxMaxRetainedMiB);
        var function = Function(region, terms.Function, catalog);
        return new PipelineDefinition(
            name,
            tables,
            isInitial,
            terms.Function,
            terms.Batch.MaxRows,
            terms.Batch.MaxWaitMs,
            PipelineWords.Read<ChangeOrder>("order", terms.Order),
            PipelineWords.Read<OnChangeError>("onError", terms.OnError),
            terms.MaxRetainedMiB,
            Sink(region, terms, function, catalog, policy));
    }

    private static PipelineSink? Sink(string region, PipelineTerms terms, FunctionDescription function, FunctionCatalog catalog, SandboxPolicy policy)
    {
        if (terms.Sink is not { } sink)
        {
            return null;
        }

        if (new[] { sink.Table, sink.Function, sink.Webhook }.Count(part => part is not null) != 1)
        {
            throw Refuse("sink must have one of table, function and webhook.");
        }

        if (sink.Function is { } next)
        {
            Function(region, next, catalog);
        }

        if (sink.Webhook is { } address)
        {
            try
            {
                WebhookSender.For(function, region, policy).Require(address);
            }
            catch (SandboxException e)
            {
                // In a call it is the guest that did wrong; here it is what was sent.
                throw new SandboxException(ErrorCodes.InvalidParameter, $"sink.webhook: {e.Message}", e);
            }
        }

        return new PipelineSink(sink.Table, sink.Function, sink.Webhook);
    }

    private static FunctionDescription Function(string region, string name, FunctionCatalog catalog)
    {
        var function = catalog.Find(region, name);
        return function.Procedure is null
            ? function
            : throw Refuse($"\"{name}\" is a procedure, which is a transaction of its own; register the module as a function.");
    }

    private static void Range(string what, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"{what} must be from {least} to {most}, not {value}.") { Limit = value < least ? least : most, Value = value };
        }
    }

    private static SandboxException Refuse(string message) => new(ErrorCodes.InvalidParameter, message);
}
