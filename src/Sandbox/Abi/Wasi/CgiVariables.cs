using System.Globalization;
using HeliosEdge.Sandbox.Abi.Http;

namespace HeliosEdge.Sandbox.Abi.Wasi;

/// <summary>The meta-variables of CGI (RFC 3875) for an HTTP request.</summary>
internal static class CgiVariables
{
    /// <summary>What every version of the silo calls itself.</summary>
    private const string Software = "HeliosEdge";

    /// <summary>Makes the variables; their names are unique.</summary>
    /// <param name="request">The request.</param>
    /// <param name="function">The function's name.</param>
    /// <param name="bodyBytes">Size of the body; null where it is not known yet.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(GuestRequest request, string function, long? bodyBytes)
    {
        var script = $"/fn/{function}";
        var (host, port) = HostAndPort(request.Host, request.Scheme);
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["GATEWAY_INTERFACE"] = "CGI/1.1",
            ["REQUEST_METHOD"] = request.Method,
            ["SCRIPT_NAME"] = script,
            ["PATH_INFO"] = Uri.UnescapeDataString(request.Path),
            ["QUERY_STRING"] = request.Query,
            ["REQUEST_URI"] = request.Query.Length > 0 ? $"{script}{request.Path}?{request.Query}" : script + request.Path,
            ["SERVER_NAME"] = host,
            ["SERVER_PORT"] = port,
            ["SERVER_PROTOCOL"] = request.Protocol,
            ["SERVER_SOFTWARE"] = Software,
            ["REMOTE_ADDR"] = request.RemoteAddress,
        };
        if (request.Scheme == "https")
        {
            variables["HTTPS"] = "on";
        }

        if (bodyBytes > 0)
        {
            variables["CONTENT_LENGTH"] = bodyBytes.Value.ToString(CultureInfo.InvariantCulture);
        }

        foreach (var (name, value) in request.Headers)
        {
            if (VariableOf(name) is { } variable)
            {
                // Both separators are those that the RFCs have for repeated fields of these names.
                variables[variable] = variables.TryGetValue(variable, out var before)
                    ? before + (name == "cookie" ? "; " : ", ") + value
                    : value;
            }
        }

        return [.. variables];
    }

    /// <summary>The variable of a header; null where it has none.</summary>
    private static string? VariableOf(string header)
    {
        // "_" would come out like "-", so that a caller could pass one header off as another; HTTP_PROXY is a setting of HTTP clients ("httpoxy").
        if (header is "content-length" or "proxy" || header.Any(character => character != '-' && !char.IsAsciiLetterOrDigit(character)))
        {
            return null;
        }

        return header == "content-type" ? "CONTENT_TYPE" : $"HTTP_{header.ToUpperInvariant().Replace('-', '_')}";
    }

    private static (string Host, string Port) HostAndPort(string host, string scheme)
    {
        var colon = host.LastIndexOf(':');
        return colon > host.LastIndexOf(']') && colon < host.Length - 1
            ? (host[..colon], host[(colon + 1)..])
            : (host.TrimEnd(':'), scheme == "https" ? "443" : "80");
    }
}
