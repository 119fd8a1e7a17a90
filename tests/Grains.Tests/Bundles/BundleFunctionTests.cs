using System.Text;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Tests.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Tests.Bundles;

public sealed class BundleFunctionTests
{
    [Fact]
    public async Task A_function_reads_the_files_of_its_bundles()
    {
        await using var deployment = await Deployment.StartAsync();
        var site = await deployment.BundleRegistry.AddAsync(Zip.Of(("pages/index.html", "hello")));
        var request = await RequestAsync(deployment, ("/site", site.Bundle.Hash));

        var (function, _) = await deployment.Registrar.RegisterAsync("reader", request);
        var result = await deployment.InvokeAsync("reader", []);
        var again = await deployment.InvokeAsync("reader", [], "us");

        function.Bundles.ShouldBe([new("/site", site.Bundle.Hash)]);
        result.Fault.ShouldBeNull();
        Encoding.UTF8.GetString(result.Response.Span).ShouldStartWith("open: done\n5 hello\n");
        again.Response.ToArray().ShouldBe(result.Response.ToArray());
        deployment.Bundles.Reads.ShouldBe(0, "the upload has unpacked it");
    }

    [Fact]
    public async Task A_registration_that_says_nothing_of_files_is_refused_bundles()
    {
        await using var deployment = await Deployment.StartAsync();
        var site = await deployment.BundleRegistry.AddAsync(Zip.Of(("a", "b")));
        var request = await RequestAsync(deployment, ("/site", site.Bundle.Hash));

        var failure = await Should.ThrowAsync<SandboxException>(() => deployment.Registrar.RegisterAsync("reader", request with { Capabilities = [] }));

        failure.Code.ShouldBe(ErrorCodes.CapabilityDenied);
        failure.Message.ShouldContain("fs.read");
    }

    [Theory]
    [InlineData("site")]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("//site")]
    [InlineData("/site/")]
    [InlineData("/a/../b")]
    [InlineData("/a/./b")]
    [InlineData("/a\\b")]
    [InlineData("/a\nb")]
    [InlineData("C:/a")]
    public async Task A_folder_that_is_no_clean_absolute_path_is_refused(string folder)
    {
        await using var deployment = await Deployment.StartAsync();
        var site = await deployment.BundleRegistry.AddAsync(Zip.Of(("a", "b")));
        var request = await RequestAsync(deployment, (folder, site.Bundle.Hash));

        var failure = await Should.ThrowAsync<SandboxException>(() => deployment.Registrar.RegisterAsync("reader", request));

        failure.Code.ShouldBe(ErrorCodes.InvalidParameter);
        failure.Message.ShouldContain($"\"{folder}\"");
    }

    [Fact]
    public async Task A_bundle_that_is_not_stored_is_refused()
    {
        await using var deployment = await Deployment.StartAsync();
        var unknown = await RequestAsync(deployment, ("/site", new string('0', 64)));
        var malformed = await RequestAsync(deployment, ("/site", "0123"));

        var missing = await Should.ThrowAsync<SandboxException>(() => deployment.Registrar.RegisterAsync("reader", unknown));
        var wrong = await Should.ThrowAsync<SandboxException>(() => deployment.Registrar.RegisterAsync("reader", malformed));

        missing.Code.ShouldBe(ErrorCodes.BundleNotFound);
        wrong.Code.ShouldBe(ErrorCodes.InvalidParameter);
        deployment.Functions.Versions.ShouldBeEmpty();
    }

    [Fact]
    public async Task Guests_of_helios_1_have_no_files()
    {
        await using var deployment = await Deployment.StartAsync();
        var site = await deployment.BundleRegistry.AddAsync(Zip.Of(("a", "b")));
        var request = new FunctionRequest(
            await deployment.UploadAsync("echo"), Abi: null, Entry: null, [], RequestedLimits.None, Profile: "edge",
            Bundles: new Dictionary<string, string> { ["/site"] = site.Bundle.Hash });

        var failure = await Should.ThrowAsync<SandboxException>(() => deployment.Registrar.RegisterAsync("echo", request));

        failure.Code.ShouldBe(ErrorCodes.InvalidParameter);
        failure.Message.ShouldContain("guests of helios-1 have no files");
    }

    [Fact]
    public async Task What_rotted_in_the_store_is_not_given_to_guests()
    {
        await using var earlier = await Deployment.StartAsync();
        await using var deployment = await Deployment.StartAsync();
        var archive = Zip.Of(("pages/index.html", "hello"));
        var site = (await earlier.BundleRegistry.AddAsync(archive)).Bundle;
        deployment.Bundles.Stored[site.Hash] = (site, archive);
        await deployment.Registrar.RegisterAsync("reader", await RequestAsync(deployment, ("/site", site.Hash)));
        archive[^30] ^= 1;

        var result = await deployment.InvokeAsync("reader", []);
        deployment.Bundles.Stored.Clear();
        var gone = await deployment.InvokeAsync("reader", []);

        result.Fault!.Code.ShouldBe(ErrorCodes.InvalidBundle);
        gone.Fault!.Code.ShouldBe(ErrorCodes.BundleNotFound);
    }

    private static async Task<FunctionRequest> RequestAsync(Deployment deployment, params (string Folder, string Hash)[] bundles) => new(
        await deployment.UploadAsync("wasi_bundle"),
        Abi: null,
        Entry: null,
        [],
        RequestedLimits.None,
        Capabilities: ["fs.read"],
        Args: ["/site/pages/index.html", "/site/pages"],
        Bundles: bundles.ToDictionary(bundle => bundle.Folder, bundle => bundle.Hash));
}
