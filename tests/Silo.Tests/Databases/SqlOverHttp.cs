using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Databases;

/// <summary>Sends statements.</summary>
internal static class SqlOverHttp
{
    /// <summary>A query that never ends by itself.</summary>
    public const string EndlessQuery = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

    public static JsonObject Statement(string sql, params object?[] parameters) =>
        new() { ["sql"] = sql, ["params"] = JsonSerializer.SerializeToNode(parameters) };

    public static JsonArray Batch(params string[] statements) => [.. statements.Select(sql => (JsonNode)Statement(sql))];

    /// <summary>Sends a body to <c>query</c>, <c>execute</c> or <c>batch</c>.</summary>
    public static Task<HttpResponseMessage> SendAsync(
        this HttpClient http, string verb, JsonNode body, string? region = null, string database = "main", int? deadlineMs = null, CancellationToken cancellationToken = default) =>
        http.SendTextAsync(verb, body.ToJsonString(), region, database, deadlineMs, cancellationToken);

    public static Task<HttpResponseMessage> SendTextAsync(
        this HttpClient http, string verb, string body, string? region = null, string database = "main", int? deadlineMs = null, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/databases/{database}/{verb}{(region is null ? "" : $"?region={region}")}")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (deadlineMs is { } milliseconds)
        {
            request.Headers.Add("X-Helios-Deadline-Ms", $"{milliseconds}");
        }

        return http.SendAsync(request, cancellationToken);
    }

    /// <summary>Executes a statement that must succeed.</summary>
    public static async Task<JsonNode> ExecuteAsync(this HttpClient http, string sql, params object?[] parameters) =>
        await Answer.JsonAsync(await http.SendAsync("execute", Statement(sql, parameters)));

    /// <summary>The rows of a query that must succeed, as JSON.</summary>
    public static async Task<string> RowsAsync(this HttpClient http, string sql, string? region = null) =>
        (await Answer.JsonAsync(await http.SendAsync("query", Statement(sql), region)))["rows"]!.ToJsonString();
}
