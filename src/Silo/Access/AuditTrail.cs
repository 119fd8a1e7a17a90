using HeliosEdge.Access.Audit;
using HeliosEdge.Access.Keys;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Silo.Access;

/// <summary>
/// Writes changes into the log: that one begins before it is made, so that none is made that is not there, and what became of it
/// before its answer goes out.
/// </summary>
internal sealed partial class AuditTrail(IAuditLog log, TimeProvider clock, ILogger<AuditTrail> logger)
{
    private const int MaxTarget = 512;

    /// <summary>Begins an entry, which is completed with the response.</summary>
    public async Task BeginAsync(HttpContext http, Caller caller, string change)
    {
        // Escaped, so that no target can break a line of the log.
        var path = http.Request.Path.ToUriComponent();
        var resource = new ChangedResource(path.Length <= MaxTarget ? path : path[..MaxTarget]);
        http.Features.Set(resource);
        var address = http.Connection.RemoteIpAddress?.ToString() ?? string.Empty;
        var number = await log.BeginAsync(new AuditEntry(0, clock.GetUtcNow(), caller.Name, change, resource.Path, null, address));
        http.Response.OnStarting(() => CompleteAsync(number, caller, change, resource.Path, http.Response.StatusCode, address));
    }

    private async Task CompleteAsync(long number, Caller caller, string change, string target, int status, string address)
    {
        LogChange(logger, caller.Name, address, change, target, status);
        try
        {
            await log.CompleteAsync(number, target, status);
        }
        catch (Exception e)
        {
            // The change is made, and the entry says that it was begun: the answer must not claim that it failed.
            LogIncomplete(logger, e is SandboxException { Code: ErrorCodes.Unavailable } ? null : e, number, status);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Who} at {Address}: {Change} of {Target}, answered with {Status}.")]
    private static partial void LogChange(ILogger logger, string who, string address, string change, string target, int status);

    [LoggerMessage(Level = LogLevel.Error, Message = "The entry {Number} of the log of changes could not be completed with the status {Status}.")]
    private static partial void LogIncomplete(ILogger logger, Exception? e, long number, int status);
}

/// <summary>What a request changes; endpoints that make a resource fill in its path.</summary>
internal sealed class ChangedResource(string path)
{
    public string Path { get; set; } = path;
}
