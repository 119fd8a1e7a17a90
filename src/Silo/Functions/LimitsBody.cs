using System.Globalization;
using HeliosEdge.Sandbox.Limits;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace HeliosEdge.Silo.Functions;

/// <summary>The limits in the body of a registration, as the API describes them. <see cref="Http.LimitMembers"/> reads them.</summary>
internal sealed record LimitsBody
{
    /// <summary>Describes a member for each limit there is.</summary>
    public static void Describe(OpenApiOptions options) => options.AddSchemaTransformer((schema, context, _) =>
    {
        if (context.JsonTypeInfo.Type == typeof(LimitsBody))
        {
            schema.Properties = LimitKinds.All.ToDictionary(kind => kind.Name, kind => (IOpenApiSchema)Describe(kind));
        }

        return Task.CompletedTask;
    });

    private static OpenApiSchema Describe(LimitKind kind)
    {
        var unit = kind.Unit.Length > 0 ? $", in {kind.Unit}" : "";
        var usual = kind.Usual is { } value ? $"{value.ToString(CultureInfo.InvariantCulture)} if not stated" : "no limit if not stated";
        return new OpenApiSchema
        {
            Type = JsonSchemaType.Integer | JsonSchemaType.Null,
            Format = kind.Most > int.MaxValue ? "int64" : "int32",
            Description = $"{kind.What}{unit}; {usual}.",
        };
    }
}
