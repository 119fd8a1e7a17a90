using System.Globalization;
using System.Text.Json;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Errors;

namespace HeliosEdge.Silo.Problems;

/// <summary>Sees to it that every answer that is no success is problem details.</summary>
internal static partial class ProblemMiddleware
{
    /// <summary>The type of problem details.</summary>
    public const string MediaType = "application/problem+json";

    public static void UseProblems(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ProblemMiddleware).FullName!);
        app.Use(next => context => RunAsync(context, next, log));
    }

    /// <summary>Answers with a problem.</summary>
    public static Task WriteProblemAsync(this HttpContext context, Problem problem)
    {
        var response = context.Response;
        response.StatusCode = problem.Status;
        response.ContentType = MediaType;
        if (ErrorKind.Of(problem.Code).RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(problem, ProblemJson.Legible.Problem);
        response.ContentLength = json.Length;
        return response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }

    private static Task RunAsync(HttpContext context, RequestDelegate next, ILogger log)
    {
        Task running;
        try
        {
            running = next(context);
        }
        catch (Exception e)
        {
            running = Task.FromException(e);
        }

        // The common case costs no state machine.
        return running.IsCompletedSuccessfully && context.Response.StatusCode < StatusCodes.Status400BadRequest
            ? Task.CompletedTask
            : FinishAsync(context, running, log);
    }

    private static async Task FinishAsync(HttpContext context, Task running, ILogger log)
    {
        Problem problem;
        try
        {
            await running;
            if (context.Response.StatusCode < StatusCodes.Status400BadRequest || context.Response.HasStarted || context.Response.ContentType is not null)
            {
                return;
            }

            problem = WithoutBody(context);
        }
        catch (SandboxException e)
        {
            problem = Problem.Of(e);
        }
        catch (BadHttpRequestException e)
        {
            problem = Problem.OfRejected(e);
        }
        catch (IOException e) when (MalformedBody.Is(e))
        {
            problem = Problem.Of(ErrorCodes.MalformedRequest, e.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            LogAborted(log, context.Request.Method, context.Request.Path);
            return;
        }
        catch (TimeoutException e)
        {
            LogTimedOut(log, context.Request.Method, context.Request.Path, e.Message);
            problem = Problem.Of(ErrorCodes.Unavailable, e.Message);
        }
        catch (Exception e)
        {
            LogFailed(log, e, context.Request.Method, context.Request.Path);
            problem = Problem.Of(ErrorCodes.InternalError, $"The silo failed at this; its log says more under {context.TraceIdentifier}.");
        }

        if (context.Response.HasStarted)
        {
            // Too late to say anything: the client is to see that the response is not whole.
            context.Abort();
            return;
        }

        context.Response.Clear();
        if (problem.Code == ErrorCodes.MalformedRequest)
        {
            // Nobody knows where the next request would begin.
            context.Response.Headers.Connection = "close";
        }

        await context.WriteProblemAsync(problem);
    }

    private static Problem WithoutBody(HttpContext context)
    {
        var request = context.Request;
        var code = Problem.CodeOf(context.Response.StatusCode);
        var detail = code switch
        {
            ErrorCodes.NotFound => $"There is no route {request.Path}; /openapi/v1.json lists all.",
            ErrorCodes.MethodNotAllowed => $"{request.Path} does not take {request.Method}, only {context.Response.Headers.Allow}.",
            ErrorCodes.UnsupportedMediaType =>
                $"{request.Method} {request.Path} does not take a body of type \"{request.ContentType}\"; /openapi/v1.json says which it takes.",
            ErrorCodes.Unavailable => "The silo is shutting down.",
            _ => $"{request.Method} {request.Path} was refused.",
        };
        return Problem.Of(code, detail) with { Status = context.Response.StatusCode };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed.")]
    private static partial void LogFailed(ILogger log, Exception e, string method, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} was not answered in time: {Reason}")]
    private static partial void LogTimedOut(ILogger log, string method, string path, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Method} {Path}: the client went away.")]
    private static partial void LogAborted(ILogger log, string method, string path);
}
