using System.Text.Json.Serialization.Metadata;
using HeliosEdge.Silo.Access;

namespace HeliosEdge.Silo.Http;

/// <summary>Answers with JSON.</summary>
internal static class JsonResponse
{
    public static IResult Ok<T>(T value, JsonTypeInfo<T> type) => TypedResults.Json(value, type);

    /// <summary>202: it is kept, and not done yet.</summary>
    public static IResult Accepted<T>(T value, JsonTypeInfo<T> type) => TypedResults.Json(value, type, statusCode: StatusCodes.Status202Accepted);

    /// <summary>201 with the address of what was made, or 200 if it was there before.</summary>
    public static IResult Put<T>(HttpResponse response, bool isNew, string location, T value, JsonTypeInfo<T> type)
    {
        if (response.HttpContext.Features.Get<ChangedResource>() is { } changed)
        {
            changed.Path = location;
        }

        if (isNew)
        {
            response.Headers.Location = location;
        }

        return TypedResults.Json(value, type, statusCode: isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }
}
