using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HeliosEdge.Silo.Tests.Running;

/// <summary>Procedures of a silo; the guest <c>procedure</c> does what its arguments say, step by step.</summary>
internal static class Procedures
{
    /// <summary>Uploads a guest.</summary>
    /// <returns>The hash of its module.</returns>
    public static async Task<string> UploadAsync(this TestSilo silo, string guest) =>
        (await Answer.JsonAsync(await silo.UploadAsync(TestSilo.Guest(guest))))["hash"]!.GetValue<string>();

    /// <summary>Registers a procedure.</summary>
    public static Task<HttpResponseMessage> PutProcedureAsync(this TestSilo silo, string name, JsonObject body) =>
        silo.Http.PutAsync($"/v1/procedures/{name}", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));

    /// <summary>Calls a procedure.</summary>
    public static Task<HttpResponseMessage> PostStepsAsync(this TestSilo silo, string name, string[] steps, CancellationToken cancellationToken = default) => silo.Http.PostAsync(
        $"/v1/procedures/{name}/call", new StringContent(JsonSerializer.Serialize(steps), Encoding.UTF8, "application/json"), cancellationToken);

    /// <summary>Calls a procedure that must answer.</summary>
    public static async Task<string> CallStepsAsync(this TestSilo silo, string name, string[] steps)
    {
        using var response = await silo.PostStepsAsync(name, steps);
        var body = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, body);
        return body;
    }
}
