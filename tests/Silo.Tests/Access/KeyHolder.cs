using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Access.Keys;
using HeliosEdge.Access.Stores;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Access;

/// <summary>Makes keys, and clients that send them.</summary>
internal static class KeyHolder
{
    /// <summary>Makes a key as the command does on the silo's machine.</summary>
    public static async Task<(string Id, string Text)> AddKeyAsync(string dataFolder, string scope, int? rate = null, TimeSpan? lifetime = null)
    {
        using var store = new SqliteAccessStore(dataFolder);
        var (key, text) = new KeyRequest($"for {scope}", scope.Split(' '), rate, null, lifetime).Make(DateTimeOffset.UtcNow);
        await store.AddAsync(key);
        return (key.Id, text);
    }

    /// <summary>Makes a key as the command does in a database.</summary>
    public static async Task<(string Id, string Text)> AddSharedKeyAsync(string postgres, string scope)
    {
        await using var store = new PostgresAccessStore(PostgresUrl.Parse(postgres));
        await store.PrepareAsync();
        var (key, text) = new KeyRequest($"for {scope}", scope.Split(' '), null, null, null).Make(DateTimeOffset.UtcNow);
        await store.AddAsync(key);
        return (key.Id, text);
    }

    /// <summary>Makes a key over HTTP.</summary>
    public static async Task<(string Id, string Text)> CreateKeyAsync(this HttpClient http, string scope, int? rate = null)
    {
        var body = new JsonObject { ["name"] = $"for {scope}", ["scopes"] = new JsonArray([.. scope.Split(' ').Select(word => (JsonNode)word)]), ["rate"] = rate };
        var made = await Answer.JsonAsync(await http.PostAsync("/v1/keys", Json(body)));
        return (made["id"]!.GetValue<string>(), made["key"]!.GetValue<string>());
    }

    /// <summary>A client of a silo that sends a key, or none.</summary>
    public static HttpClient With(this TestSilo silo, string? key)
    {
        var http = new HttpClient { BaseAddress = silo.Http.BaseAddress };
        http.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return http;
    }

    public static StringContent Json(JsonNode body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");
}
