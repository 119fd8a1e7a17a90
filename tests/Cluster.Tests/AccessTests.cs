using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace HeliosEdge.Cluster.Tests;

/// <summary>Keys in a cluster: the silos have the same ones, and the dashboard asks for one, too.</summary>
[Trait("Category", "Process")]
public sealed class AccessTests
{
    /// <summary>The page, what it loads, and where it gets its numbers.</summary>
    private static readonly string[] Dashboard =
    [
        "/dashboard/orleans", "/dashboard/orleans/", "/dashboard/orleans/index.html", "/dashboard/orleans/index.min.js", "/dashboard/orleans/version", "/dashboard/orleans/DashboardCounters",
        "/dashboard/orleans/ClusterStats", "/dashboard/orleans/GrainTypes", "/dashboard/orleans/GrainState", "/dashboard/orleans/Reminders/1", "/dashboard/orleans/TopGrainMethods", "/dashboard/orleans/Trace",
    ];

    [PostgresFact]
    public async Task The_dashboard_is_for_administrators_alone_and_keys_are_good_on_every_silo()
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        var silos = await Task.WhenAll(
            ClusterSilo.StartAsync(cluster, "eu", "--dashboard", "true"), ClusterSilo.StartAsync(cluster, "eu", "--dashboard", "true"));
        await using var one = silos[0];
        await using var other = silos[1];

        var admin = await CreateKeyAsync(one.Http, null, "admin");
        var reader = await CreateKeyAsync(one.Http, admin, "read", "invoke", "deploy");

        foreach (var silo in silos)
        {
            // The first key locks every silo within a second or two.
            await Eventually.HoldsAsync("the silo to be locked", async () => await GetAsync(silo.Http, "/v1/functions", null) == HttpStatusCode.Unauthorized);
            foreach (var path in Dashboard)
            {
                (await GetAsync(silo.Http, path, null)).ShouldBe(HttpStatusCode.Unauthorized, path);
                (await GetAsync(silo.Http, path, "hk_wrong")).ShouldBe(HttpStatusCode.Unauthorized, path);
            }

            (await GetAsync(silo.Http, "/dashboard/orleans/", reader)).ShouldBe(HttpStatusCode.Forbidden);
            (await GetAsync(silo.Http, "/dashboard/orleans/DashboardCounters", reader)).ShouldBe(HttpStatusCode.Forbidden);
            (await GetAsync(silo.Http, "/dashboard/orleans/", admin)).ShouldBe(HttpStatusCode.OK);
            (await GetAsync(silo.Http, "/dashboard/orleans/DashboardCounters", admin)).ShouldBe(HttpStatusCode.OK);
            (await GetAsync(silo.Http, "/v1/functions", reader)).ShouldBe(HttpStatusCode.OK);
        }
    }

    private static async Task<string> CreateKeyAsync(HttpClient http, string? key, params string[] scopes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/keys") { Content = JsonContent.Create(new { name = scopes[0], scopes }) };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.Created, text);
        return JsonNode.Parse(text)!["key"]!.GetValue<string>();
    }

    private static async Task<HttpStatusCode> GetAsync(HttpClient http, string path, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }
}
