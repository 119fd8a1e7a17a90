using System.Globalization;
using HeliosEdge.Silo.Keys;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Invocations;
using HeliosEdge.Silo.Problems;
using Microsoft.AspNetCore.Mvc;
using Orleans;

namespace HeliosEdge.Silo.Functions;

/// <summary>Invocations over HTTP.</summary>
internal static class InvokeEndpoint
{
    private const string OctetStream = "application/octet-stream";

    public static void MapInvoke(this WebApplication app) =>
        app.MapPost("/v1/functions/{name}/invoke", InvokeAsync)
            .Needs(Scopes.Invoke)
            .AddEndpointFilter(IdempotentCalls.FilterAsync)
            .WithTags("Functions")
            .WithName("invokeFunction")
            .WithSummary("Calls a function in a region.")
            .WithDescription(
                $"The body is the payload, the answer's body the response, both as bytes. Without a region, the silo's first one that serves the function is taken. The answer's headers {HeliosHeaders.Region}, {HeliosHeaders.Duration} and {HeliosHeaders.ModuleHash} tell where, how long and which module ran.")
            .TakesBytes("The payload.")
            .AnswersBytes("The function's response.")
            .ProducesProblems(
                StatusCodes.Status400BadRequest,
                StatusCodes.Status404NotFound,
                StatusCodes.Status413PayloadTooLarge,
                StatusCodes.Status429TooManyRequests,
                StatusCodes.Status502BadGateway,
                StatusCodes.Status504GatewayTimeout);

    private static async Task InvokeAsync(
        HttpContext http,
        string name,
        [FromQuery] string? region,
        FunctionCatalog catalog,
        ServedRegions regions,
        IGrainFactory grains)
    {
        FunctionDescription function;
        if (region is null)
        {
            function = catalog.Find(name);
            region = Preferred(function, regions);
        }
        else
        {
            regions.Require(region);
            function = catalog.Find(region, name);
        }

        var payload = await RequestBody.ReadAsync(
            http.Request, function.Limits.MaxPayloadBytes, ErrorCodes.PayloadTooLarge, "The payload");
        var result = await grains.GetGrain<IEdgeFunctionGrain>(FunctionKey.For(region, name)).InvokeAsync(new FunctionCall { Payload = payload }, http.RequestAborted);

        var response = http.Response;
        response.Headers[HeliosHeaders.Region] = region;
        if (result.Module.Length > 0)
        {
            response.Headers[HeliosHeaders.Duration] = result.DurationMicroseconds.ToString(CultureInfo.InvariantCulture);
            response.Headers[HeliosHeaders.ModuleHash] = result.Module;
        }

        if (result.Fault is { } fault)
        {
            await http.WriteProblemAsync(Problem.Of(fault));
            return;
        }

        response.ContentType = OctetStream;
        response.ContentLength = result.Response.Length;
        await response.BodyWriter.WriteAsync(result.Response, http.RequestAborted);
    }

    private static string Preferred(FunctionDescription function, ServedRegions regions)
    {
        foreach (var served in regions.Names)
        {
            if (function.Regions.Contains(served))
            {
                return served;
            }
        }

        throw new SandboxException(
            ErrorCodes.FunctionNotFound,
            $"The function \"{function.Name}\" is registered in {string.Join(", ", function.Regions)}, none of which this silo serves.");
    }
}
