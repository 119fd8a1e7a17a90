namespace HeliosEdge.Benchmarks.Http;

/// <summary>What ASP.NET Core takes for an echo by itself: no function, no sandbox, no access rules.</summary>
internal static class BareEcho
{
    public static async Task ServeAsync(string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        var app = builder.Build();
        app.MapPost("/echo", EchoAsync);
        await app.RunAsync();
    }

    private static async Task EchoAsync(HttpContext http)
    {
        var payload = new byte[(int)http.Request.ContentLength!];
        await http.Request.Body.ReadExactlyAsync(payload, http.RequestAborted);
        http.Response.ContentType = "application/octet-stream";
        http.Response.ContentLength = payload.Length;
        await http.Response.BodyWriter.WriteAsync(payload, http.RequestAborted);
    }
}
