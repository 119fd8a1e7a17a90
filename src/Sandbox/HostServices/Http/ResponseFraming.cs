using System.Globalization;
using System.Net.Http.Headers;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>How a server says where its response ends. What can be read in two ways is none (RFC 9112, section 6.3).</summary>
internal static class ResponseFraming
{
    /// <summary>What is wrong with it; null if it is good.</summary>
    public static string? Fault(HttpResponseMessage response)
    {
        var codings = response.Headers.NonValidated.TryGetValues("Transfer-Encoding", out var coded) ? coded : default;
        if (codings.Count > 0 && !(codings.Count == 1 && codings.ToString().Equals("chunked", StringComparison.OrdinalIgnoreCase)))
        {
            return $"the response has the Transfer-Encoding \"{Quoted.Of(codings.ToString())}\"; only chunked is known.";
        }

        if (!response.Content.Headers.NonValidated.TryGetValues("Content-Length", out var lengths))
        {
            return null;
        }

        return codings.Count > 0 ? "the response has both Transfer-Encoding and Content-Length."
            : LengthOf(lengths) is null ? $"the response has the Content-Length \"{Quoted.Of(lengths.ToString())}\", which is no one number."
            : null;
    }

    /// <summary>The length that a response states; null if it states none.</summary>
    public static long? Length(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Length", out var lengths) ? LengthOf(lengths) : null;

    // One that is repeated as it was is one.
    private static long? LengthOf(HeaderStringValues values)
    {
        long? length = null;
        foreach (var value in values.SelectMany(value => value.Split(',')))
        {
            if (!long.TryParse(value.Trim(' ', '\t'), NumberStyles.None, CultureInfo.InvariantCulture, out var stated) || (length ?? stated) != stated)
            {
                return null;
            }

            length = stated;
        }

        return length;
    }
}
