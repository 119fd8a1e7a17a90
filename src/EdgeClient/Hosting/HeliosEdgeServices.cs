using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.Client;

/// <summary>Adds the client to an application.</summary>
public static class HeliosEdgeServices
{
    /// <summary>Adds <see cref="HttpEdgeClient"/>, also as <see cref="IEdgeClient"/>, with connections that the application's HTTP client factory looks after.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="address">The silo's address, such as <c>http://127.0.0.1:8080</c>.</param>
    /// <param name="options">The key; null for a silo that needs none.</param>
    /// <returns>What to configure the HTTP client by.</returns>
    public static IHttpClientBuilder AddHeliosEdge(this IServiceCollection services, Uri address, HttpEdgeClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        HttpEdgeClient.Checked(address, nameof(address));
        services.AddTransient<IEdgeClient>(provider => provider.GetRequiredService<HttpEdgeClient>());
        return services
            .AddHttpClient(nameof(HeliosEdge), http =>
            {
                http.BaseAddress = address;
                http.DefaultRequestVersion = HttpVersion.Version20;
                http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(10) })
            .AddTypedClient(http => new HttpEdgeClient(http, options));
    }
}
