using System.Globalization;
using HeliosEdge.Access.Keys;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace HeliosEdge.Silo.Access;

/// <summary>Says in the API's description what each endpoint needs.</summary>
internal static class AccessOpenApi
{
    private const string Scheme = "bearer";

    private static readonly (int Status, string Description)[] Refusals =
    [
        (StatusCodes.Status401Unauthorized, "There is no key, or none that is good."),
        (StatusCodes.Status403Forbidden, "The key does not have the scope, a browser sends this for another site's page, or the function chooses an engine that the operator does not allow."),
        (StatusCodes.Status429TooManyRequests, "The key is used more often than it may be."),
    ];

    public static void DescribeAccess(this OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = Scheme,
                Description = "A key (hk_…) or a token of the silo's issuer. A silo without either needs none, and answers only to its own machine.",
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<AccessRule>().LastOrDefault() is not { Scope: not Scopes.None } rule)
            {
                return Task.CompletedTask;
            }

            operation.Description = $"{operation.Description} Needs the scope {rule.Words}.".TrimStart();
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
            operation.Responses ??= [];
            foreach (var (status, description) in Refusals)
            {
                operation.Responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse { Description = description });
            }

            return Task.CompletedTask;
        });
    }
}
