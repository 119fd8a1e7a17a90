using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox.Abi.Http;
using HeliosEdge.Sandbox.Abi.Wasi;

namespace HeliosEdge.Sandbox.Tests.Abi;

public sealed class CgiTests
{
    private static readonly GuestRequest Request = new()
    {
        Method = "PUT",
        Path = "/a%20b/%C3%A9%2F",
        Query = "x=%20y&z",
        Headers = [],
        Scheme = "http",
        Host = "example.org:8080",
        Protocol = "HTTP/1.1",
        RemoteAddress = "192.0.2.1",
    };

    [Theory]
    [InlineData("Content-Type: text/plain\n\nhello", 200, "content-type=text/plain", "hello")]
    [InlineData("Content-Type: text/plain\r\n\r\n\r\nhello", 200, "content-type=text/plain", "\r\nhello")]
    [InlineData("status:404 Not Found\r\nX-A:1\nx-a: 2\n\n", 404, "x-a=1,x-a=2", "")]
    [InlineData("Status: 204\n\n", 204, "", "")]
    [InlineData("Location: https://example.org/\n\n", 302, "location=https://example.org/", "")]
    [InlineData("Location: /elsewhere\nStatus: 301 Moved\n\n", 301, "location=/elsewhere", "")]
    [InlineData("Content-Type: a/b\nContent-Length: 3\nConnection: close\n\nabcd", 200, "content-type=a/b", "abcd")]
    public void The_output_of_a_program_is_a_response(string output, int status, string headers, string body)
    {
        var (head, rest) = Parse(output);

        head.Status.ShouldBe(status);
        string.Join(',', head.Headers.Select(header => $"{header.Name}={header.Value}")).ShouldBe(headers);
        Encoding.UTF8.GetString(rest.Span).ShouldBe(body);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("hello", "its 5 bytes have no blank line")]
    [InlineData("Content-Type: text/plain\n", "no blank line")]
    [InlineData("\nhello", "neither Content-Type nor Location nor Status")]
    [InlineData("X: y\n\nhello", "neither Content-Type nor Location nor Status")]
    [InlineData("HTTP/1.1 200 OK\nContent-Type: a/b\n\n", "line 1 is \"HTTP/1.1 200 OK\", which is no header: it has no colon")]
    [InlineData("Content-Type: a/b\n folded: x\n\n", "line 2: the name \" folded\" is no token")]
    [InlineData("Content-Type : a/b\n\n", "line 1: the name \"Content-Type \" is no token")]
    [InlineData(": a/b\n\n", "line 1: the name \"\" is no token")]
    [InlineData("Status: 100 Continue\n\n", "100 is no status from 200 to 599")]
    [InlineData("Status: 1000\n\n", "line 1: Status must be three digits and a reason, not \"1000\"")]
    [InlineData("Status: OK\n\n", "Status must be three digits")]
    [InlineData("Status: 200\nstatus: 200\n\n", "line 2: Status is there twice")]
    [InlineData("Location: /a\nContent-Type: a/b\nlocation: /b\n\n", "line 3: location is there twice")]
    [InlineData("Status: 204\n\nx", "the status 204 has no body, this one has 1 bytes")]
    [InlineData("Content-Type: a\rb\n\n", "has the character U+000D")]
    [InlineData("Content-Type: a\0b\n\n", "has the character U+0000")]
    [InlineData("Content-Type: a/b\nX-Helios-Version: 1\n\n", "line 2: x-helios-version is for the platform to set")]
    public void What_is_no_response_is_refused_with_what_is_wrong_and_where(string output, string expected)
    {
        var refused = Should.Throw<SandboxException>(() => Parse(output));

        refused.Code.ShouldBe(ErrorCodes.InvalidHttpResponse);
        refused.Message.ShouldContain(expected);
    }

    [Fact]
    public void Headers_that_do_not_end_are_refused_before_all_of_them_are_there()
    {
        var output = Encoding.ASCII.GetBytes("Content-Type: a/b\n" + string.Concat(Enumerable.Repeat("a: b\n", 10_000)));

        Should.Throw<SandboxException>(() => CgiResponse.TryParseHead(output, 0, out _, out _)).Message.ShouldContain("within 33424 bytes");
        CgiResponse.TryParseHead(output.AsSpan(0, 30_000), 0, out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_response_is_the_same_whatever_pieces_it_comes_in()
    {
        var outputs =
            from end in Gen.Elements("\n", "\r\n")
            from fields in HttpHeads.Fields().ArrayOf().Where(fields => fields.Length < 20)
            from body in Gen.Elements("", "\n", "x\n\ny", "\r\n\r\n")
            from size in Gen.Choose(1, 40)
            select (Output: Encoding.ASCII.GetBytes($"Status: 201{end}{string.Concat(fields.Select(field => $"{field.Name}: {field.Value}{end}"))}{end}{body}"), Fields: fields, Body: body, Size: size);
        Prop.ForAll(outputs.ToArbitrary(), given =>
        {
            var (head, body) = CgiResponse.Parse(given.Output);
            head.Headers.ShouldBe(given.Fields.Select(field => new GuestHeader(field.Name.ToLowerInvariant(), field.Value)));
            Encoding.ASCII.GetString(body.Span).ShouldBe(given.Body);

            var searched = 0;
            for (var there = given.Size; ; there += given.Size)
            {
                there = Math.Min(there, given.Output.Length);
                if (CgiResponse.TryParseHead(given.Output.AsSpan(0, there), searched, out var found, out var length))
                {
                    found.Headers.ShouldBe(head.Headers);
                    length.ShouldBe(given.Output.Length - given.Body.Length);
                    break;
                }

                searched = there;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Fact]
    public void Mutated_output_is_read_or_refused_and_nothing_of_it_splits_a_head()
    {
        var seed = Encoding.ASCII.GetBytes("Status: 200 OK\r\nContent-Type: text/plain\nSet-Cookie: a=b\r\nLocation: /x\r\n\r\nbody\n\nmore");
        var mutations =
            from count in Gen.Choose(1, 6)
            from at in Gen.Choose(0, seed.Length - 1).ArrayOf(count)
            from value in Gen.OneOf(Gen.Choose(0, 255), Gen.Elements(10, 13, 0, 58, 32)).ArrayOf(count)
            select (at, value);
        Prop.ForAll(mutations.ToArbitrary(), mutation =>
        {
            var mutated = seed.ToArray();
            for (var i = 0; i < mutation.at.Length; i++)
            {
                mutated[mutation.at[i]] = (byte)mutation.value[i];
            }

            HttpHeads.ParseSafely(() => CgiResponse.Parse(mutated));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    [Fact]
    public void A_request_is_told_in_the_variables_of_RFC_3875()
    {
        var variables = Of(Request with { Headers = [new("content-type", "text/csv"), new("accept", "*/*"), new("accept", "a/b"), new("cookie", "a"), new("cookie", "b")] });

        variables.ShouldBe(
            new Dictionary<string, string>
            {
                ["GATEWAY_INTERFACE"] = "CGI/1.1",
                ["REQUEST_METHOD"] = "PUT",
                ["SCRIPT_NAME"] = "/fn/f",
                ["PATH_INFO"] = "/a b/é/",
                ["QUERY_STRING"] = "x=%20y&z",
                ["REQUEST_URI"] = "/fn/f/a%20b/%C3%A9%2F?x=%20y&z",
                ["SERVER_NAME"] = "example.org",
                ["SERVER_PORT"] = "8080",
                ["SERVER_PROTOCOL"] = "HTTP/1.1",
                ["SERVER_SOFTWARE"] = "HeliosEdge",
                ["REMOTE_ADDR"] = "192.0.2.1",
                ["CONTENT_LENGTH"] = "7",
                ["CONTENT_TYPE"] = "text/csv",
                ["HTTP_ACCEPT"] = "*/*, a/b",
                ["HTTP_COOKIE"] = "a; b",
            },
            ignoreOrder: true);
    }

    [Theory]
    [InlineData("proxy")]
    [InlineData("x_real_ip")]
    [InlineData("content-length")]
    [InlineData("x.y")]
    public void Headers_that_would_be_taken_for_something_else_are_no_variables(string name) =>
        Of(Request with { Headers = [new(name, "value")] }).Values.ShouldNotContain("value");

    [Theory]
    [InlineData("http", "", "", "80")]
    [InlineData("http", "a.example", "a.example", "80")]
    [InlineData("https", "a.example", "a.example", "443")]
    [InlineData("https", "[2001:db8::1]", "[2001:db8::1]", "443")]
    [InlineData("http", "[2001:db8::1]:81", "[2001:db8::1]", "81")]
    [InlineData("http", "a.example:", "a.example", "80")]
    public void The_server_is_the_host_that_was_asked(string scheme, string host, string name, string port)
    {
        var variables = Of(Request with { Scheme = scheme, Host = host });

        (variables["SERVER_NAME"], variables["SERVER_PORT"]).ShouldBe((name, port));
        variables.ContainsKey("HTTPS").ShouldBe(scheme == "https");
    }

    private static Dictionary<string, string> Of(GuestRequest request) => new(CgiVariables.Of(request, "f", 7));

    private static (GuestResponse Head, ReadOnlyMemory<byte> Body) Parse(string output) => CgiResponse.Parse(Encoding.Latin1.GetBytes(output));
}
