using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace HeliosEdge.Client.Tests;

/// <summary>What goes over the wire, where only the wire shows it.</summary>
public sealed class RequestTests
{
    private const string Function =
        """{"name":"f","module":"00","abi":"helios-1","entry":"handle","regions":["eu-west"],"limits":{"memoryMiB":16,"timeoutMs":1000,"maxPayloadBytes":9000000000,"maxResponseBytes":2}}""";

    [Theory]
    [InlineData("hk_abcdefghij23_secret", "Bearer hk_abcdefghij23_secret")]
    [InlineData(null, null)]
    public async Task TheKeyGoesWithEveryRequest(string? key, string? authorization)
    {
        await using var server = RawServer.Answering(200, "application/octet-stream", "");
        using var client = new HttpEdgeClient(server.Address, new HttpEdgeClientOptions { Key = key });

        await client.InvokeAsync("f", null, default);
        await client.DeleteFunctionAsync("f");

        server.Requests.Count.ShouldBe(2);
        server.Requests.ShouldAllBe(request => request.Headers.GetValueOrDefault("Authorization") == authorization);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hk_one two")]
    [InlineData("hk_one\r\nX-Other: two")]
    public void WhatCanBeNoKeyIsRefusedAndNotRepeated(string key) =>
        Should.Throw<ArgumentException>(() => new HttpEdgeClient(new Uri("http://127.0.0.1:1"), new HttpEdgeClientOptions { Key = key }))
            .Message.ShouldNotContain("hk_");

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("a b?c#d", "a%20b%3Fc%23d")]
    [InlineData("%2e%2e", "%252e%252e")]
    [InlineData("ünï", "%C3%BCn%C3%AF")]
    public async Task ANameIsOneSegmentOfThePath(string name, string segment)
    {
        await using var server = RawServer.Answering(200, "application/octet-stream", "");
        using var client = new HttpEdgeClient(server.Address);

        await client.InvokeAsync(name, name, default);

        server.Requests.ShouldHaveSingleItem().Line.ShouldBe($"POST /v1/functions/{segment}/invoke?region={segment} HTTP/1.1");
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    public async Task ANameThatWouldChangeThePathIsRefusedBeforeAnythingIsSent(string name)
    {
        await using var server = RawServer.Answering(200, "application/json", Function);
        using var client = new HttpEdgeClient(server.Address);

        await Should.ThrowAsync<ArgumentException>(() => client.GetFunctionAsync(name));
        await Should.ThrowAsync<ArgumentException>(() => client.DeleteFunctionAsync(name));
        await Should.ThrowAsync<ArgumentException>(() => client.InvokeAsync(name, null, default));
        await Should.ThrowAsync<ArgumentException>(() => client.GetModuleAsync(name));
        await Should.ThrowAsync<ArgumentException>(async () => await client.ListFunctionsAsync(name).ToListAsync());

        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task ARegistrationNamesOnlyWhatWasGiven()
    {
        await using var server = RawServer.Answering(200, "application/json", Function);
        using var client = new HttpEdgeClient(server.Address);

        var registered = await client.RegisterFunctionAsync(
            "f", new FunctionRegistration { Module = "00", Limits = new FunctionLimits { MemoryMiB = 16 } });

        using var sent = JsonDocument.Parse(server.Requests.ShouldHaveSingleItem().Body);
        sent.RootElement.EnumerateObject().Select(p => p.Name).ShouldBe(["module", "limits"], ignoreOrder: true);
        sent.RootElement.GetProperty("limits").EnumerateObject().ShouldHaveSingleItem().Name.ShouldBe("memoryMiB");
        registered.Limits.MaxPayloadBytes.ShouldBe(9_000_000_000);
        registered.Regions.ShouldBe(["eu-west"]);
    }

    [Fact]
    public async Task AnUploadStatesTheHashOfExactlyTheBytesItSends()
    {
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        await using var server = RawServer.Answering(
            200, "application/json", $$"""{"hash":"{{hash}}","size":300000,"exports":[],"imports":[]}""");
        using var client = new HttpEdgeClient(server.Address);
        using var late = new MemoryStream([1, 2, 3, .. bytes]);
        late.Position = 3;
        await using var unseekable = PipeReader.Create(new MemoryStream(bytes)).AsStream();

        await client.UploadModuleAsync(bytes);
        await client.UploadModuleAsync(late);
        await client.UploadModuleAsync(unseekable);

        server.Requests.Count.ShouldBe(3);
        foreach (var request in server.Requests)
        {
            request.Line.ShouldBe("PUT /v1/modules HTTP/1.1");
            request.Headers["X-Helios-Module-Hash"].ShouldBe(hash);
            request.Body.ShouldBe(bytes);
        }

        late.CanRead.ShouldBeTrue("the stream is the caller's to close");
    }

    [Fact]
    public async Task AnUploadTellsHowFarItIs()
    {
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        await using var server = RawServer.Answering(
            200, "application/json", $$"""{"hash":"{{hash}}","size":300000,"exports":[],"imports":[],"files":0,"fileBytes":0}""");
        using var client = new HttpEdgeClient(server.Address);
        var module = new Reports();
        var bundle = new Reports();

        await client.UploadModuleAsync(bytes, module);
        await client.UploadBundleAsync(bytes, bundle);

        foreach (var seen in new[] { module.Seen, bundle.Seen })
        {
            seen.ShouldBeInOrder();
            seen[^1].ShouldBe(300_000);
            seen.Count.ShouldBeGreaterThan(1);
        }

        server.Requests.ShouldAllBe(request => request.Body.SequenceEqual(bytes));
    }

    [Fact]
    public async Task AnUploadThatTheSiloFilesUnderAnotherHashIsAnError()
    {
        await using var server = RawServer.Answering(200, "application/json", """{"hash":"feed","size":3,"exports":[],"imports":[]}""");
        using var client = new HttpEdgeClient(server.Address);

        var error = await Should.ThrowAsync<EdgeInvalidResponseException>(() => client.UploadModuleAsync(Encoding.ASCII.GetBytes("abc")));

        error.Detail.ShouldContain("feed");
        error.Detail.ShouldContain("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    private sealed class Reports : IProgress<long>
    {
        public List<long> Seen { get; } = [];

        public void Report(long value) => Seen.Add(value);
    }
}
