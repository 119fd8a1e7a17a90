namespace HeliosEdge.Benchmarks.Start;

/// <summary>What an ASP.NET Core app takes to be ready by itself.</summary>
internal static class BareApp
{
    public static async Task ServeAsync(string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        var app = builder.Build();
        app.MapGet("/readyz", () => "ready");
        await app.RunAsync();
    }
}
