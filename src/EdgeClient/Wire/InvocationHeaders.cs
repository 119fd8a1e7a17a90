using System.Globalization;

namespace HeliosEdge.Client.Wire;

/// <summary>The headers in which a silo says what ran.</summary>
internal static class InvocationHeaders
{
    private const string Region = "X-Helios-Region";
    private const string Version = "X-Helios-Version";
    public const string ModuleHash = "X-Helios-Module-Hash";
    private const string Engine = "X-Helios-Engine";
    private const string DurationUs = "X-Helios-Duration-Us";

    /// <summary>An answer to a call. A header that is missing is null; one that is not a number, is too large or is stated twice is an error.</summary>
    /// <exception cref="EdgeInvalidResponseException">A header is not of the form that it should be.</exception>
    public static async Task<EdgeResponse> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var duration = Number(response, DurationUs, long.MaxValue / TimeSpan.TicksPerMicrosecond);
        return new EdgeResponse
        {
            Payload = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false),
            Region = Text(response, Region),
            Version = (int?)Number(response, Version, int.MaxValue),
            ModuleHash = Text(response, ModuleHash),
            Engine = Text(response, Engine),
            Duration = duration is { } microseconds ? TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond) : null,
        };
    }

    private static string? Text(HttpResponseMessage response, string header) => !response.Headers.TryGetValues(header, out var values) ? null
        : values.ToArray() is [var only] ? only
        : throw Refuse(response, header, "comes more than once");

    private static long? Number(HttpResponseMessage response, string header, long most) => Text(response, header) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number
        : throw Refuse(response, header, $"must be a whole number up to {most}, not \"{text}\"");

    private static EdgeInvalidResponseException Refuse(HttpResponseMessage response, string header, string why) =>
        new(response.StatusCode, $"The header {header} of the answer {why}.");
}
