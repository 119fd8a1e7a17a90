using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

[Trait("Category", "Slow")]
public sealed class ModuleTests(OneSilo shared) : IClassFixture<OneSilo>
{
    private readonly TestSilo _silo = shared.Silo;

    [Fact]
    public async Task An_uploaded_module_is_described_by_hash_size_exports_and_imports()
    {
        var wasm = TestSilo.Guest("imports");
        var hash = Convert.ToHexStringLower(SHA256.HashData(wasm));

        var first = await _silo.UploadAsync(wasm);
        var second = await _silo.UploadAsync(wasm);
        var found = await _silo.Http.GetAsync($"/v1/modules/{hash}");

        first.StatusCode.ShouldBe(HttpStatusCode.Created);
        first.Headers.Location!.ToString().ShouldBe($"/v1/modules/{hash}");
        second.StatusCode.ShouldBe(HttpStatusCode.OK);
        var expected = JsonNode.Parse(
            $$"""
            {
              "hash": "{{hash}}",
              "size": {{wasm.Length}},
              "exports": [
                { "name": "memory", "kind": "memory", "type": "memory 1.." },
                { "name": "__wasm_allocate", "kind": "function", "type": "(i32) -> (i32)" },
                { "name": "__wasm_deallocate", "kind": "function", "type": "(i32, i32) -> ()" },
                { "name": "handle", "kind": "function", "type": "(i32, i32) -> (i64)" }
              ],
              "imports": [
                { "module": "env", "name": "now", "kind": "function", "type": "() -> (i64)" },
                { "module": "env", "name": "limit", "kind": "global", "type": "global i32" }
              ]
            }
            """);
        foreach (var answer in new[] { first, second, found })
        {
            JsonNode.DeepEquals(await Answer.JsonAsync(answer), expected).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_stated_hash_must_be_the_modules()
    {
        var wasm = TestSilo.Guest("echo");
        var hash = Convert.ToHexStringLower(SHA256.HashData(wasm));
        var other = Convert.ToHexStringLower(SHA256.HashData([1]));

        (await _silo.UploadAsync(wasm, hash)).IsSuccessStatusCode.ShouldBeTrue();
        (await _silo.UploadAsync(wasm, hash.ToUpperInvariant())).IsSuccessStatusCode.ShouldBeTrue();
        var problem = await Answer.ProblemAsync(await _silo.UploadAsync(wasm, other), HttpStatusCode.UnprocessableEntity, "untrusted_module");
        problem["detail"]!.GetValue<string>().ShouldContain(hash);
        await Answer.ProblemAsync(await _silo.UploadAsync(wasm, "abc"), HttpStatusCode.BadRequest, "invalid_parameter");
    }

    [Fact]
    public async Task What_is_refused_as_untrusted_is_not_stored()
    {
        var wasm = TestSilo.Guest("spin");

        await _silo.UploadAsync(wasm, new string('0', 64));

        var hash = Convert.ToHexStringLower(SHA256.HashData(wasm));
        await Answer.ProblemAsync(await _silo.Http.GetAsync($"/v1/modules/{hash}"), HttpStatusCode.NotFound, "module_not_found");
    }

    [Fact]
    public async Task Bytes_that_are_no_module_are_refused_with_their_offset()
    {
        var empty = await Answer.ProblemAsync(await _silo.UploadAsync([]), HttpStatusCode.UnprocessableEntity, "invalid_module");
        var text = await Answer.ProblemAsync(await _silo.UploadAsync("(module)"u8.ToArray()), HttpStatusCode.UnprocessableEntity, "invalid_module");
        var cut = await Answer.ProblemAsync(await _silo.UploadAsync(TestSilo.Guest("echo")[..^9]), HttpStatusCode.UnprocessableEntity, "invalid_module");

        empty["offset"]!.GetValue<long>().ShouldBe(0);
        text["offset"]!.GetValue<long>().ShouldBe(0);
        cut["offset"]!.GetValue<long>().ShouldBeGreaterThan(8);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_module_over_the_limit_is_too_large(bool announced)
    {
        await using var silo = await TestSilo.StartAsync(policy: new SandboxPolicy { Ceiling = new() { MaxModuleBytes = 100 }, Defaults = new() { MaxModuleBytes = 100 } });
        using var content = new ByteArrayContent(TestSilo.Guest("liar"));
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/modules") { Content = content };
        request.Headers.TransferEncodingChunked = !announced;

        var problem = await Answer.ProblemAsync(await silo.Http.SendAsync(request), HttpStatusCode.RequestEntityTooLarge, "module_too_large");

        problem["limit"]!.GetValue<long>().ShouldBe(100);
        problem["value"]!.GetValue<long>().ShouldBeGreaterThan(100);
    }

    [Fact]
    public async Task A_hash_that_is_none_is_not_looked_up() =>
        await Answer.ProblemAsync(await _silo.Http.GetAsync("/v1/modules/latest"), HttpStatusCode.BadRequest, "invalid_parameter");
}
