using System.Text;
using System.Text.Json;
using HeliosEdge.Sandbox.HostServices.Http;
using HeliosEdge.Sandbox.HostServices.KeyValue;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.Abi.Extism;

/// <summary>
/// The functions by which plug-ins reach out: log, configuration, variables and HTTP. They take the blocks that they are given;
/// what cannot be done ends the invocation, for Extism's interface has no way to say so.
/// </summary>
internal static class ServiceFunctions
{
    /// <summary>What the keys of variables start with in the function's key-value store.</summary>
    internal const string VariablePrefix = "extism:var:";

    private const int MaxKeyBytes = 1_024;
    private const int MaxValueBytes = 1 << 20;

    /// <summary>A level above all others: nothing is logged.</summary>
    private const int LogOff = int.MaxValue;

    private static readonly int MaxNameBytes = MaxKeyBytes - VariablePrefix.Length;

    public static long LogTrace(ExtismCall call, ReadOnlySpan<long> arguments) => Log(call, arguments[0], GuestLogLevel.Trace);

    public static long LogDebug(ExtismCall call, ReadOnlySpan<long> arguments) => Log(call, arguments[0], GuestLogLevel.Debug);

    public static long LogInfo(ExtismCall call, ReadOnlySpan<long> arguments) => Log(call, arguments[0], GuestLogLevel.Information);

    public static long LogWarn(ExtismCall call, ReadOnlySpan<long> arguments) => Log(call, arguments[0], GuestLogLevel.Warning);

    public static long LogError(ExtismCall call, ReadOnlySpan<long> arguments) => Log(call, arguments[0], GuestLogLevel.Error);

    public static long GetLogLevel(ExtismCall call, ReadOnlySpan<long> arguments)
    {
        var scope = call.Context.Scope;
        return scope.Services.Log is not null && scope.Profile.Grants(Capability.Log) ? (int)GuestLogLevel.Trace : LogOff;
    }

    public static long ConfigGet(ExtismCall call, ReadOnlySpan<long> arguments)
    {
        var name = call.TakeText(arguments[0], "the name of a configuration value", call.Context.Scope.Limits.MaxStringBytes);
        call.Memory.Free((ulong)arguments[0]);
        foreach (var (key, value) in call.Context.Scope.Settings.Configuration)
        {
            if (key == name)
            {
                return call.Give(Encoding.UTF8.GetBytes(value), "A configuration value");
            }
        }

        return 0;
    }

    public static long VarGet(ExtismCall call, ReadOnlySpan<long> arguments)
    {
        var key = TakeVariable(call, arguments[0]);
        call.Memory.Free((ulong)arguments[0]);
        var scope = call.Context.Scope;
        return call.Give(Store(call).Get(scope.Region, scope.Function, key), "A variable");
    }

    public static long VarSet(ExtismCall call, ReadOnlySpan<long> arguments)
    {
        var scope = call.Context.Scope;
        var key = TakeVariable(call, arguments[0]);
        var given = call.Take(arguments[1], "the value of a variable");
        if (given.Length > MaxValueBytes)
        {
            throw SandboxException.Breach(ErrorCodes.StringTooLarge, "The plug-in gave a value of a variable of", MaxValueBytes, given.Length, "bytes");
        }

        var value = given.ToArray();
        call.Memory.Free((ulong)arguments[0]);
        call.Memory.Free((ulong)arguments[1]);
        if (value.Length == 0)
        {
            Store(call).Delete(scope.Region, scope.Function, key, call.Context.Remaining);
        }
        else if (!Store(call).TrySet(scope.Region, scope.Function, key, value, call.Context.Remaining))
        {
            throw ExtismFunctions.Failed($"the variable of {value.Length} bytes does not fit into what the function may keep in this region");
        }

        return 0;
    }

    public static long HttpRequest(ExtismCall call, ReadOnlySpan<long> arguments)
    {
        call.HttpStatus = 0;
        call.HttpHeaders = [];
        var scope = call.Context.Scope;
        var http = scope.Find<IOutboundHttp>() ?? throw ExtismFunctions.Failed("this host sends no HTTP requests");
        var json = call.Take(arguments[0], "an HTTP request");
        if (json.Length > scope.Limits.MaxStringBytes)
        {
            throw SandboxException.Breach(
                ErrorCodes.HttpRequestTooLarge, "The plug-in gave an HTTP request of", scope.Limits.MaxStringBytes, json.Length, "bytes without its body");
        }

        var body = call.Take(arguments[1], "the body of an HTTP request");
        if (body.Length > http.MaxRequestBytes)
        {
            throw SandboxException.Breach(
                ErrorCodes.HttpRequestTooLarge, "The plug-in gave a body of an HTTP request of", http.MaxRequestBytes, body.Length, "bytes");
        }

        var request = OutboundHttpRequest.Parse(json.ToArray(), body.ToArray());
        call.Memory.Free((ulong)arguments[0]);
        call.Memory.Free((ulong)arguments[1]);
        var response = http.Send(request, OutboundHttpSender.Of(scope), call.Context.Remaining, call.Context.Cancellation);
        call.HttpStatus = response.Status;
        call.HttpHeaders = response.Headers;
        return call.Give(response.Body.Span, "The body of an HTTP response");
    }

    public static long HttpStatusCode(ExtismCall call, ReadOnlySpan<long> arguments) => call.HttpStatus;

    public static long HttpHeaders(ExtismCall call, ReadOnlySpan<long> arguments) => call.Give(
        JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(call.HttpHeaders)), "The headers of an HTTP response");

    private static long Log(ExtismCall call, long address, GuestLogLevel level)
    {
        var limit = call.Context.Scope.Limits.MaxLogBytes;
        var bytes = call.Take(address, "a line of the log");
        if (bytes.Length > limit)
        {
            throw SandboxException.Breach(ErrorCodes.LogLimitExceeded, "The guest's log has at least", limit, bytes.Length, "bytes");
        }

        call.Context.Log(level, Encoding.UTF8.GetString(bytes));
        call.Memory.Free((ulong)address);
        return 0;
    }

    private static string TakeVariable(ExtismCall call, long address) =>
        VariablePrefix + call.TakeText(address, "the name of a variable", MaxNameBytes);

    private static IKeyValueStore Store(ExtismCall call) =>
        call.Context.Scope.Find<IKeyValueStore>() ?? throw ExtismFunctions.Failed("this host keeps no variables");
}
