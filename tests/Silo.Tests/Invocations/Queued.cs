using System.Text;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Invocations;

/// <summary>Puts calls and fan-outs into a silo's queue.</summary>
internal static class Queued
{
    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    /// <summary>Queues something and returns where it is described.</summary>
    public static async Task<string> AcceptAsync(HttpClient silo, string path, HttpContent body)
    {
        using var accepted = await silo.PostAsync(path, body);
        await Answer.JsonAsync(accepted);
        return accepted.Headers.Location!.ToString();
    }
}
