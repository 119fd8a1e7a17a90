using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Wasi.Files.Bundles;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

[Trait("Category", "Slow")]
public sealed class BundleTests(OneSilo shared) : IClassFixture<OneSilo>
{
    private readonly TestSilo _silo = shared.Silo;

    [Fact]
    public async Task An_uploaded_bundle_is_described_by_hash_size_and_files()
    {
        var zip = Zip(("a/b", "12345"), ("c", "67"));
        var hash = Convert.ToHexStringLower(SHA256.HashData(zip));

        var first = await _silo.Http.PutAsync("/v1/bundles", new ByteArrayContent(zip));
        var second = await _silo.Http.PostAsync("/v1/bundles", new ByteArrayContent(zip));
        var found = await _silo.Http.GetAsync($"/v1/bundles/{hash}");

        first.StatusCode.ShouldBe(HttpStatusCode.Created);
        first.Headers.Location!.ToString().ShouldBe($"/v1/bundles/{hash}");
        second.StatusCode.ShouldBe(HttpStatusCode.OK);
        var expected = JsonNode.Parse($$"""{"hash": "{{hash}}", "size": {{zip.Length}}, "files": 2, "fileBytes": 7}""");
        foreach (var answer in new[] { first, second, found })
        {
            JsonNode.DeepEquals(await Answer.JsonAsync(answer), expected).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_bundle_that_is_not_accepted_says_why_and_is_not_stored()
    {
        var zip = Zip(("../up", "x"));

        var problem = await Answer.ProblemAsync(
            await _silo.Http.PutAsync("/v1/bundles", new ByteArrayContent(zip)), HttpStatusCode.UnprocessableEntity, "invalid_bundle");
        var hash = Convert.ToHexStringLower(SHA256.HashData(zip));

        problem["detail"]!.GetValue<string>().ShouldContain("\"../up\"");
        await Answer.ProblemAsync(await _silo.Http.GetAsync($"/v1/bundles/{hash}"), HttpStatusCode.NotFound, "bundle_not_found");
        await Answer.ProblemAsync(await _silo.Http.GetAsync("/v1/bundles/abc"), HttpStatusCode.BadRequest, "invalid_parameter");
    }

    [Fact]
    public async Task Too_large_a_bundle_is_refused_with_the_limit()
    {
        var archive = new byte[(16 << 20) + 1];
        var bomb = Zip(("zeros", new string('\0', (64 << 20) + 1)));

        var large = await Answer.ProblemAsync(
            await _silo.Http.PutAsync("/v1/bundles", new ByteArrayContent(archive)), HttpStatusCode.RequestEntityTooLarge, "bundle_too_large");
        var unpacked = await Answer.ProblemAsync(
            await _silo.Http.PutAsync("/v1/bundles", new ByteArrayContent(bomb)), HttpStatusCode.RequestEntityTooLarge, "bundle_too_large");

        large["limit"]!.GetValue<long>().ShouldBe(16 << 20);
        unpacked["limit"]!.GetValue<long>().ShouldBe(64 << 20);
        unpacked["value"]!.GetValue<long>().ShouldBe((64 << 20) + 1);
    }

    [Fact]
    public async Task The_limits_are_those_of_the_policy()
    {
        var policy = new SandboxPolicy { Bundles = new BundleLimits { MaxArchiveBytes = 20 << 20, MaxFileBytes = 100, MaxEntries = 3, MaxPathBytes = 9, MaxDepth = 1 } };
        await using var silo = await TestSilo.StartAsync(policy: policy);

        (await PutAsync(Zip(("a/123456", new string('x', 100))))).StatusCode.ShouldBe(HttpStatusCode.Created);
        await RefusedAsync(Zip(("a", new string('x', 101))), "bundle_too_large", 100, 101);
        await RefusedAsync(Zip(("a", ""), ("b", ""), ("c", ""), ("d", "")), "bundle_too_large", 3, 4);
        await RefusedAsync(Zip(("a/12345678", "")), "invalid_bundle", 9, 10);
        await RefusedAsync(Zip(("a/b/c", "")), "invalid_bundle", 1, 2);

        // Above what is usual, up to the last byte: no archive, but one that was read.
        await RefusedAsync(new byte[20 << 20], "invalid_bundle");
        await RefusedAsync(new byte[(20 << 20) + 1], "bundle_too_large", 20 << 20, (20 << 20) + 1);

        Task<HttpResponseMessage> PutAsync(byte[] zip)
        {
            var request = new HttpRequestMessage(HttpMethod.Put, "/v1/bundles") { Content = new ByteArrayContent(zip) };
            request.Headers.ExpectContinue = zip.Length > 1 << 20;
            return silo.Http.SendAsync(request);
        }

        async Task RefusedAsync(byte[] zip, string code, long? limit = null, long? value = null)
        {
            var status = code == "invalid_bundle" ? HttpStatusCode.UnprocessableEntity : HttpStatusCode.RequestEntityTooLarge;
            var problem = await Answer.ProblemAsync(await PutAsync(zip), status, code);
            (problem["limit"]?.GetValue<long>(), problem["value"]?.GetValue<long>()).ShouldBe((limit, value));
        }
    }

    [Fact]
    public async Task A_bundle_above_a_limit_that_was_lowered_is_refused_with_it_when_a_function_opens_it()
    {
        using var folder = new TemporaryFolder();
        await using (var silo = await TestSilo.StartAsync(folder.Path))
        {
            await DeployReaderAsync(silo);
        }

        await using var restarted = await TestSilo.StartAsync(folder.Path, new SandboxPolicy { Bundles = new BundleLimits { MaxFileBytes = 4 } });
        var problem = await Answer.ProblemAsync(await restarted.InvokeAsync("reader"), HttpStatusCode.RequestEntityTooLarge, "bundle_too_large");
        (problem["limit"]!.GetValue<long>(), problem["value"]!.GetValue<long>()).ShouldBe((4, 5));
    }

    [Fact]
    public async Task A_function_reads_its_bundle_also_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        string hash;
        await using (var silo = await TestSilo.StartAsync(folder.Path))
        {
            hash = await DeployReaderAsync(silo);
        }

        await using var restarted = await TestSilo.StartAsync(folder.Path);
        (await restarted.Http.GetAsync($"/v1/bundles/{hash}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        Encoding.UTF8.GetString(await restarted.CallAsync("reader", [])).ShouldStartWith("open: done\n5 hello\n");
    }

    /// <summary>Registers a function that reads a file of five bytes of its bundle.</summary>
    private static async Task<string> DeployReaderAsync(TestSilo silo)
    {
        var hash = (await Answer.JsonAsync(
            await silo.Http.PutAsync("/v1/bundles", new ByteArrayContent(Zip(("pages/index.html", "hello"))))))["hash"]!.GetValue<string>();
        var module = (await Answer.JsonAsync(await silo.UploadAsync(TestSilo.Guest("wasi_bundle"))))["hash"]!.GetValue<string>();
        var function = await Answer.JsonAsync(await silo.RegisterAsync("reader", new JsonObject
        {
            ["module"] = module,
            ["capabilities"] = new JsonArray("fs.read"),
            ["args"] = new JsonArray("/site/pages/index.html", "/site/pages"),
            ["bundles"] = new JsonObject { ["/site"] = hash },
        }.ToJsonString()));
        function["bundles"]!["/site"]!.GetValue<string>().ShouldBe(hash);
        return hash;
    }

    private static byte[] Zip(params (string Path, string Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, content) in files)
            {
                using var stream = zip.CreateEntry(path).Open();
                stream.Write(Encoding.UTF8.GetBytes(content));
            }
        }

        return bytes.ToArray();
    }
}
