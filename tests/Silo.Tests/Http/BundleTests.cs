using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

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
    public async Task A_function_reads_its_bundle_also_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        string hash;
        await using (var silo = await TestSilo.StartAsync(folder.Path))
        {
            hash = (await Answer.JsonAsync(
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
        }

        await using var restarted = await TestSilo.StartAsync(folder.Path);
        (await restarted.Http.GetAsync($"/v1/bundles/{hash}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        Encoding.UTF8.GetString(await restarted.CallAsync("reader", [])).ShouldStartWith("open: done\n5 hello\n");
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
