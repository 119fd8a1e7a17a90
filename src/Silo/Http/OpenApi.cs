using System.Net.Mime;
using HeliosEdge.Sandbox.Errors;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Functions;
using HeliosEdge.Silo.Problems;
using Microsoft.OpenApi;

namespace HeliosEdge.Silo.Http;

/// <summary>Describes the API at <c>/openapi/v1.json</c>.</summary>
internal static class OpenApi
{
    public static IServiceCollection AddHeliosOpenApi(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.DescribeAccess();
        LimitsBody.Describe(options);
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "HeliosEdge silo",
                Version = "v1",
                Description =
                    "Upload WebAssembly modules, register functions of them in regions, call the functions. Every answer that is no success is "
                    + "problem details (RFC 9457) with a stable `code`: " + string.Join(", ", ErrorKind.All.Select(kind => $"`{kind.Code}`")) + ".",
            };
            return Task.CompletedTask;
        });
    });

    /// <summary>Says that a route can answer with problem details of these statuses.</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            route.Produces<Problem>(status, "application/problem+json");
        }

        return route;
    }

    /// <summary>Says that a route takes bytes.</summary>
    public static RouteHandlerBuilder TakesBytes(this RouteHandlerBuilder route, string description) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Description = description,
                Content = new Dictionary<string, OpenApiMediaType> { [MediaTypeNames.Application.Octet] = Bytes() },
            };
            return Task.CompletedTask;
        });

    /// <summary>Says that a route answers with bytes.</summary>
    public static RouteHandlerBuilder AnswersBytes(this RouteHandlerBuilder route, string description) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Responses ??= [];
            operation.Responses["200"] = new OpenApiResponse
            {
                Description = description,
                Content = new Dictionary<string, OpenApiMediaType> { [MediaTypeNames.Application.Octet] = Bytes() },
            };
            return Task.CompletedTask;
        });

    private static OpenApiMediaType Bytes() => new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } };
}
