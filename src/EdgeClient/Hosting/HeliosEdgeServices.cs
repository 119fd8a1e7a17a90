using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.EdgeClient;

/// <summary>Adds the client to an application.</summary>
public static class HeliosEdgeServices
{
    /// <summary>Adds <see cref="EdgeClient"/>, with connections that the application's HTTP client factory looks after.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="address">The silo's address, such as <c>http://127.0.0.1:8080</c>.</param>
    /// <param name="options">The key; null for a silo that needs none.</param>
    /// <returns>What to configure the HTTP client by.</returns>
    public static IHttpClientBuilder AddHeliosEdge(this IServiceCollection services, Uri address, EdgeClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        EdgeClient.Checked(address, nameof(address));
        return services
            .AddHttpClient(nameof(HeliosEdge), http =>
            {
                http.BaseAddress = address;
                http.DefaultRequestVersion = HttpVersion.Version20;
                http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(10) })
            .AddTypedClient(http => new EdgeClient(http, options));
    }
}
