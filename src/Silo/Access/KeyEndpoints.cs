using HeliosEdge.Access.Keys;
using HeliosEdge.Grains;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Problems;

namespace HeliosEdge.Silo.Access;

/// <summary>Keys over HTTP.</summary>
internal static class KeyEndpoints
{
    private const string Json = "application/json";
    private const int MaxBodyBytes = 16 << 10;

    public static void MapKeys(this WebApplication app)
    {
        app.MapPost("/v1/keys", PostAsync)
            .Changes("key.create", Scopes.Admin)
            .WithTags("Access")
            .WithName("createKey")
            .WithSummary("Makes a key. The answer has its secret, which is shown never again.")
            .WithDescription("While a silo has no key, anybody on its machine can make the first one, which must have the scope admin.")
            .Accepts<KeyBody>(Json)
            .Produces<KeyDescription>(StatusCodes.Status201Created)
            .ProducesProblems(StatusCodes.Status400BadRequest, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType);

        app.MapGet("/v1/keys", async (IKeyStore store) =>
                JsonResponse.Ok(new KeyList([.. (await store.ReadAllAsync()).Select(key => KeyDescription.Of(key))]), ApiJson.Legible.KeyList))
            .Needs(Scopes.Admin)
            .WithTags("Access")
            .WithName("listKeys")
            .WithSummary("Lists all keys without their secrets, revoked and expired ones too.")
            .Produces<KeyList>();

        app.MapDelete("/v1/keys/{id}", DeleteAsync)
            .Changes("key.revoke", Scopes.Admin)
            .WithTags("Access")
            .WithName("revokeKey")
            .WithSummary("Revokes a key, at once and for good.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> PostAsync(HttpContext http, IKeyStore store, KeyRing ring, TimeProvider clock)
    {
        if (!http.Request.HasJsonContentType())
        {
            await http.WriteProblemAsync(Problem.Of(
                ErrorCodes.UnsupportedMediaType,
                $"A key is asked for with Content-Type: {Json}, not \"{Names.Shorten(http.Request.ContentType ?? string.Empty)}\"."));
            return TypedResults.Empty;
        }

        var body = await RequestBody.ReadAsync(http.Request, MaxBodyBytes, ErrorCodes.PayloadTooLarge, "The body");
        ApiKey key;
        string text;
        try
        {
            (key, text) = KeyBody.Parse(body).Make(clock.GetUtcNow());
        }
        catch (KeyRefusedException e)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, e.Message);
        }

        if (http.Features.Get<Caller>() == Caller.Loopback && !key.Scopes.HasFlag(Scopes.Admin))
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter, "The first key must have the scope admin: it ends the time in which anybody on this machine can make keys.");
        }

        await store.AddAsync(key);
        await ring.RereadAsync();
        http.Response.Headers.CacheControl = "no-store";
        return JsonResponse.Put(http.Response, isNew: true, $"/v1/keys/{key.Id}", KeyDescription.Of(key, text), ApiJson.Legible.KeyDescription);
    }

    private static async Task DeleteAsync(HttpContext http, string id, IKeyStore store, KeyRing ring, AccessOptions options, TimeProvider clock)
    {
        // Where tokens are taken, there may be administrators without keys.
        var revocation = await store.RevokeAsync(id, clock.GetUtcNow(), keepAnAdmin: options.Jwt is null);
        switch (revocation)
        {
            case Revocation.NotFound:
                await http.WriteProblemAsync(Problem.Of(ErrorCodes.KeyNotFound, $"There is no key with the id \"{Names.Shorten(id)}\"."));
                break;
            case Revocation.LastAdmin:
                await http.WriteProblemAsync(Problem.Of(
                    ErrorCodes.LastAdminKey,
                    "Without this key nobody could make keys over HTTP. Make another with the scope admin first, or revoke it with \"helios keys revoke\" and --data on the silo's machine, or --store with its database."));
                break;
            default:
                await ring.RereadAsync();
                http.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
        }
    }
}
