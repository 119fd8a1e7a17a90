using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox.Abi.Envelopes;
using HeliosEdge.Sandbox.Abi.Http;

namespace HeliosEdge.Sandbox.Tests.Abi;

public sealed class ResponseEnvelopeTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(2_000);

    [Fact]
    public void A_response_is_read_with_repeated_headers_in_order_and_names_in_lower_case()
    {
        var (head, body) = Parse("""{"headers": [["Set-Cookie", "a=1"], ["X-Y", "  z\t"], ["set-cookie", "b=2"]], "status": 404, "body": "caf\u00e9"}""");

        head.Status.ShouldBe(404);
        head.Headers.ShouldBe([new GuestHeader("set-cookie", "a=1"), new GuestHeader("x-y", "z"), new GuestHeader("set-cookie", "b=2")]);
        Encoding.UTF8.GetString(body.Span).ShouldBe("café");
    }

    [Fact]
    public void A_status_alone_is_a_response() => Parse("""{"status": 204}""").Body.Length.ShouldBe(0);

    [Fact]
    public void Base64_is_decoded_wherever_the_encoding_is_stated()
    {
        Parse("""{"status": 200, "bodyEncoding": "base64", "body": "AP/+"}""").Body.ToArray().ShouldBe([0, 255, 254]);
        Parse("""{"status": 200, "body": "AP/+", "bodyEncoding": "base64"}""").Body.ToArray().ShouldBe([0, 255, 254]);
    }

    [Fact]
    public void Headers_of_the_connection_are_dropped() => Parse(
        """{"status": 200, "headers": [["Connection", "close"], ["transfer-encoding", "chunked"], ["Content-Length", "9"], ["Proxy-Authenticate", "x"], ["upgrade", "h2c"], ["alt-svc", "h3=\"evil:443\""], ["strict-transport-security", "max-age=1"], ["etag", "1"]]}""")
        .Head.Headers.ShouldBe([new GuestHeader("etag", "1")]);

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("hello", "no valid JSON at byte 0")]
    [InlineData("[]", "it is an array")]
    [InlineData("\"x\"", "it is a string")]
    [InlineData("{}", "there is no status")]
    [InlineData("""{"status": 200} x""", "no valid JSON at byte")]
    [InlineData("""{"status": 200""", "no valid JSON at byte")]
    [InlineData("""{"status": "200"}""", "status must be a whole number, not a string")]
    [InlineData("""{"status": 200.5}""", "status must be a whole number")]
    [InlineData("""{"status": 99999999999999999999}""", "status must be a whole number")]
    [InlineData("""{"status": 100}""", "100 is no status from 200 to 599")]
    [InlineData("""{"status": 199}""", "199 is no status from 200 to 599")]
    [InlineData("""{"status": 600}""", "600 is no status from 200 to 599")]
    [InlineData("""{"status": 200, "status": 201}""", "\"status\" is there twice")]
    [InlineData("""{"status": 200, "Body": ""}""", "\"Body\" is unknown")]
    [InlineData("""{"status": 200, "body": null}""", "body must be a string, not null")]
    [InlineData("""{"status": 200, "body": "\ud800"}""", "half a surrogate pair")]
    [InlineData("""{"status": 200, "body": "a", "bodyEncoding": "gzip"}""", "bodyEncoding must be utf8 or base64, not \"gzip\"")]
    [InlineData("""{"status": 200, "body": "a!", "bodyEncoding": "base64"}""", "body is no valid Base64")]
    [InlineData("""{"status": 204, "body": "a"}""", "the status 204 has no body, this one has 1 bytes")]
    [InlineData("""{"status": 304, "body": "ab"}""", "the status 304 has no body, this one has 2 bytes")]
    [InlineData("""{"status": 200, "headers": {"a": "b"}}""", "headers must be an array of pairs")]
    [InlineData("""{"status": 200, "headers": [["a", "b"], "c"]}""", "headers[1] must be a pair of strings, not a string")]
    [InlineData("""{"status": 200, "headers": [["a"]]}""", "headers[0][1] must be a string, not the end of an array")]
    [InlineData("""{"status": 200, "headers": [["a", 1]]}""", "headers[0][1] must be a string, not a number")]
    [InlineData("""{"status": 200, "headers": [["a", "b", "c"]]}""", "headers[0] must be a pair of strings, without more")]
    [InlineData("""{"status": 200, "headers": [["a b", "c"]]}""", "headers[0]: the name \"a b\" is no token")]
    [InlineData("""{"status": 200, "headers": [["", "c"]]}""", "headers[0]: the name \"\" is no token")]
    [InlineData("""{"status": 200, "headers": [["a\r\nb", "c"]]}""", "is no token")]
    [InlineData("""{"status": 200, "headers": [["a", "b\r\nset-cookie: c"]]}""", "the value of a has the character U+000D")]
    [InlineData("""{"status": 200, "headers": [["a", "b\u0000"]]}""", "the value of a has the character U+0000")]
    [InlineData("""{"status": 200, "headers": [["a", "é"]]}""", "the value of a has the character U+00E9")]
    [InlineData("""{"status": 200, "headers": [["X-Helios-Region", "mars"]]}""", "headers[0]: x-helios-region is for the platform to set")]
    [InlineData("""{"status": 200, "headers": [["content-type", "a/b"], ["Content-Type", "a/b"]]}""", "headers[1]: content-type is there twice")]
    [InlineData("""{"status": 200, "headers": [[["a"], "b"]]}""", "headers[0][0] must be a string, not an array")]
    public void What_is_no_response_is_refused_with_what_is_wrong_and_where(string json, string expected)
    {
        var refused = Should.Throw<SandboxException>(() => Parse(json));

        refused.Code.ShouldBe(ErrorCodes.InvalidHttpResponse);
        refused.Message.ShouldContain(expected);
    }

    [Fact]
    public void Headers_have_a_number_and_a_size_that_they_may_not_exceed()
    {
        string With(int count, int size) => new JsonObject
        {
            ["status"] = 200,
            ["headers"] = new JsonArray([.. Enumerable.Range(0, count).Select(_ => (JsonNode)new JsonArray("a", new string('b', size)))]),
        }.ToJsonString();

        Parse(With(100, 1)).Head.Headers.Length.ShouldBe(100);
        Should.Throw<SandboxException>(() => Parse(With(101, 1))).Message.ShouldContain("headers[100]: there are more than 100 headers");
        Parse(With(1, 32_767)).Head.Headers.Length.ShouldBe(1);
        Should.Throw<SandboxException>(() => Parse(With(1, 32_768))).Message.ShouldContain("more than 32768 bytes");
    }

    [Fact]
    public void Whatever_is_written_as_an_envelope_is_read_back() => Prop.ForAll(Responses().ToArbitrary(), response =>
    {
        var json = new JsonObject
        {
            ["status"] = response.Status,
            ["headers"] = new JsonArray([.. response.Headers.Select(header => (JsonNode)new JsonArray(header.Name, header.Value))]),
            ["bodyEncoding"] = "base64",
            ["body"] = Convert.ToBase64String(response.Body),
        };

        var (head, body) = Parse(json.ToJsonString());

        head.Status.ShouldBe(response.Status);
        head.Headers.ShouldBe(response.Headers.Select(header => new GuestHeader(header.Name.ToLowerInvariant(), header.Value)));
        body.ToArray().ShouldBe(response.Body);
    }).Check(Many);

    [Fact]
    public void Mutated_envelopes_are_read_or_refused_and_nothing_of_them_splits_a_head()
    {
        const string Seed = """{"status":200,"headers":[["content-type","text/plain"],["x","\u0041"]],"bodyEncoding":"base64","body":"aGVsbG8="}""";
        var bytes = Encoding.UTF8.GetBytes(Seed);
        var mutations =
            from count in Gen.Choose(1, 6)
            from at in Gen.Choose(0, bytes.Length - 1).ArrayOf(count)
            from value in Gen.Choose(0, 255).ArrayOf(count)
            from cut in Gen.Choose(0, bytes.Length)
            from isCut in Gen.Elements(true, false, false)
            select (at, value, isCut ? cut : bytes.Length);
        Prop.ForAll(mutations.ToArbitrary(), mutation =>
        {
            var mutated = bytes.ToArray();
            for (var i = 0; i < mutation.at.Length; i++)
            {
                mutated[mutation.at[i]] = (byte)mutation.value[i];
            }

            HttpHeads.ParseSafely(() => ResponseEnvelope.Parse(mutated.AsSpan(0, mutation.Item3)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    private static Gen<(int Status, GuestHeader[] Headers, byte[] Body)> Responses() =>
        from status in Gen.Choose(200, 599).Where(status => status is not (204 or 205 or 304))
        from headers in HttpHeads.Fields().ArrayOf().Where(fields => fields.Length < 50)
        from body in Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf()
        select (status, headers, body);

    private static (GuestResponse Head, ReadOnlyMemory<byte> Body) Parse(string json) => ResponseEnvelope.Parse(Encoding.UTF8.GetBytes(json));
}
