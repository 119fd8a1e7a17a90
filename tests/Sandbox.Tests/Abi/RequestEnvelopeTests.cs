using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox.Abi.Envelopes;
using HeliosEdge.Sandbox.Abi.Http;

namespace HeliosEdge.Sandbox.Tests.Abi;

public sealed class RequestEnvelopeTests
{
    private static readonly GuestRequest Request = new()
    {
        Method = "POST",
        Path = "/a%2Fb",
        Query = "q=%20&q",
        Headers = [new("accept", "*/*"), new("cookie", "a"), new("cookie", "b")],
        Scheme = "http",
        Host = "example.org",
        Protocol = "HTTP/1.1",
        RemoteAddress = "192.0.2.1",
    };

    [Fact]
    public void Text_is_written_as_it_is() =>
        Encoding.UTF8.GetString(RequestEnvelope.Write(Request, "\"café\"\n"u8).Span).ShouldBe(
            """{"method":"POST","path":"/a%2Fb","query":"q=%20&q","headers":[["accept","*/*"],["cookie","a"],["cookie","b"]],"bodyEncoding":"utf8","body":"\"café\"\n"}""");

    [Fact]
    public void Whatever_comes_in_can_be_read_from_the_envelope()
    {
        var texts = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => new string([.. text.Get.Where(character => !char.IsSurrogate(character))]));
        var requests =
            from method in texts
            from path in texts
            from query in texts
            from values in texts.ArrayOf()
            from body in Gen.OneOf(ArbMap.Default.GeneratorFor<byte[]>(), texts.Select(Encoding.UTF8.GetBytes))
            select (Head: Request with { Method = method, Path = path, Query = query, Headers = [.. values.Select(value => new GuestHeader("x", value))] }, Body: body);
        Prop.ForAll(requests.ToArbitrary(), request =>
        {
            var envelope = JsonNode.Parse(RequestEnvelope.Write(request.Head, request.Body).Span)!;

            envelope["method"]!.GetValue<string>().ShouldBe(request.Head.Method);
            envelope["path"]!.GetValue<string>().ShouldBe(request.Head.Path);
            envelope["query"]!.GetValue<string>().ShouldBe(request.Head.Query);
            envelope["headers"]!.AsArray().Select(pair => new GuestHeader(pair![0]!.GetValue<string>(), pair[1]!.GetValue<string>())).ShouldBe(request.Head.Headers);
            var body = envelope["body"]!.GetValue<string>();
            var bytes = envelope["bodyEncoding"]!.GetValue<string>() == "base64" ? Convert.FromBase64String(body) : Encoding.UTF8.GetBytes(body);
            bytes.ShouldBe(request.Body);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }
}
