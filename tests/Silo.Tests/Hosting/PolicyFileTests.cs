using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Wasi.Files.Bundles;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Hosting;

[Trait("Category", "Process")]
public sealed class PolicyFileTests
{
    private const string Whole = """
        {
          "defaults": { "memoryMiB": 32, "fuel": 1000 },
          "ceiling": { "memoryMiB": 128, "timeoutMs": 1000, "fuel": 5000, "maxModuleBytes": 33554432 },
          "maxViolations": 5,
          "allowPrivateNetworks": true,
          "bundles": { "maxArchiveBytes": 1000, "maxFileBytes": 2000000000, "maxEntries": 12, "maxPathBytes": 30, "maxDepth": 2 },
          "regions": { "eu-west": { "ceiling": { "memoryMiB": 64 }, "capabilities": ["log", "clock"] }, "us-east": { "capabilities": [] } }
        }
        """;

    private static readonly ServedRegions Served = new(["eu-west", "us-east"]);

    [Fact]
    public void A_whole_policy_is_read()
    {
        var file = Parse(Whole);

        var policy = file.Policy;
        policy.Validate();
        (policy.Defaults.MemoryMiB, policy.Defaults.Fuel, policy.Defaults.TimeoutMs).ShouldBe((32, 1_000L, 1_000));
        (policy.Ceiling.MemoryMiB, policy.Ceiling.TimeoutMs, policy.Ceiling.Fuel).ShouldBe((128, 1_000, 5_000L));
        policy.Ceiling.MaxHostCalls.ShouldBe(new SandboxPolicy().Ceiling.MaxHostCalls);
        policy.Defaults.MaxModuleBytes.ShouldBe(32 << 20);
        (file.MaxViolations, file.AllowPrivateNetworks).ShouldBe((5, true));
        policy.Bundles.ShouldBe(new BundleLimits
        {
            MaxArchiveBytes = 1_000,
            MaxFileBytes = 2_000_000_000,
            MaxEntries = 12,
            MaxPathBytes = 30,
            MaxDepth = 2,
        });
        policy.CeilingOf("eu-west").MemoryMiB.ShouldBe(64);
        policy.CeilingOf("us-east").MemoryMiB.ShouldBe(128);
        policy.CapabilitiesOf("eu-west").ShouldBe(Capability.Log | Capability.Clock);
        policy.CapabilitiesOf("us-east").ShouldBe(Capability.None);
    }

    [Fact]
    public void An_empty_policy_changes_nothing()
    {
        var file = Parse("{}");

        file.Policy.Defaults.ShouldBe(new SandboxPolicy().Defaults);
        file.Policy.Ceiling.ShouldBe(new SandboxPolicy().Ceiling);
        file.Policy.Bundles.ShouldBe(new BundleLimits());
        file.Policy.CapabilitiesOf("eu-west").ShouldBe(CapabilityNames.Every);
        (file.MaxViolations, file.AllowPrivateNetworks).ShouldBe((3, false));
    }

    [Theory]
    [InlineData("""[]""", "The policy must be a JSON object, not [].")]
    [InlineData("""{"ceilings": {}}""", "Unknown member \"ceilings\"")]
    [InlineData("""{"ceiling": {"memoryMib": 1}}""", "Unknown member \"ceiling.memoryMib\"")]
    [InlineData("""{"ceiling": {"memoryMiB": 5000}}""", "ceiling.memoryMiB must be from 1 to 4096, not 5000.")]
    [InlineData("""{"ceiling": {"memoryMiB": "64"}}""", "ceiling.memoryMiB must be a whole number, not \"64\".")]
    [InlineData("""{"ceiling": {"memoryMiB": 1.5}}""", "ceiling.memoryMiB must be a whole number, not 1.5.")]
    [InlineData("""{"ceiling": {"memoryMiB": 64}, "defaults": {"memoryMiB": 65}}""", "defaults.memoryMiB must be from 1 to 64, not 65.")]
    [InlineData("""{"defaults": {"stackKiB": 1}}""", "defaults.stackKiB must be from 64 to 2048, not 1.")]
    [InlineData("""{"maxViolations": 0}""", "maxViolations must be from 1 to 1000000, not 0.")]
    [InlineData("""{"allowPrivateNetworks": "yes"}""", "allowPrivateNetworks must be true or false, not \"yes\".")]
    [InlineData("""{"bundles": {"maxFiles": 1}}""", "Unknown member \"bundles.maxFiles\"; known are maxArchiveBytes, maxFileBytes, maxEntries, maxPathBytes, maxDepth.")]
    [InlineData("""{"bundles": {"maxEntries": 0}}""", "bundles.maxEntries must be from 1 to 10000000, not 0.")]
    [InlineData("""{"bundles": {"maxArchiveBytes": 536870913}}""", "bundles.maxArchiveBytes must be from 1 to 536870912, not 536870913.")]
    [InlineData("""{"bundles": {"maxFileBytes": 9999999999}}""", "bundles.maxFileBytes must be from 1 to 2147483591, not 9999999999.")]
    [InlineData("""{"bundles": {"maxPathBytes": 65536}}""", "bundles.maxPathBytes must be from 1 to 65535, not 65536.")]
    [InlineData("""{"bundles": {"maxDepth": "deep"}}""", "bundles.maxDepth must be a whole number, not \"deep\".")]
    [InlineData("""{"bundles": 5}""", "bundles must be a JSON object, not 5.")]
    [InlineData("""{"regions": {"eu-wset": {}}}""", "regions names \"eu-wset\", which this silo does not serve; it serves eu-west, us-east.")]
    [InlineData("""{"regions": {"eu-west": null}}""", "regions.eu-west must be a JSON object, not null.")]
    [InlineData("""{"regions": {"eu-west": {"limits": {}}}}""", "Unknown member \"regions.eu-west.limits\"")]
    [InlineData("""{"regions": {"eu-west": {"ceiling": {"memoryMiB": 513}}}}""", "regions.eu-west.ceiling.memoryMiB must be from 1 to 512, not 513.")]
    [InlineData("""{"regions": {"eu-west": {"capabilities": ["root"]}}}""", "\"root\" in regions.eu-west.capabilities is not a capability")]
    [InlineData("""{"maxViolations": 3, "maxViolations": 4}""", "The policy is no JSON")]
    [InlineData("""{"ceiling": [[[[[[[[[]]]]]]]]]}""", "The policy is no JSON")]
    public void What_is_not_right_is_named(string json, string named) =>
        Should.Throw<SandboxException>(() => Parse(json)).Message.ShouldContain(named);

    [Fact]
    public void Switches_win_over_the_file()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "policy.json");
        File.WriteAllText(path, Whole);

        var options = SiloOptions.From(setting => setting.Name switch
        {
            "policy" => path,
            "regions" => "eu-west,us-east",
            "max-memory-mib" => "16",
            "max-bundle-bytes" => "500",
            _ => null,
        });

        options.Policy.Ceiling.MemoryMiB.ShouldBe(16);
        options.Policy.Defaults.MemoryMiB.ShouldBe(16);
        options.Policy.CeilingOf("eu-west").MemoryMiB.ShouldBe(16);
        options.Policy.Ceiling.TimeoutMs.ShouldBe(1_000);
        options.MaxViolations.ShouldBe(5);
        (options.Policy.Bundles.MaxArchiveBytes, options.Policy.Bundles.MaxFileBytes, options.Policy.Bundles.MaxEntries).ShouldBe((500, 2_000_000_000, 12));
    }

    [Fact]
    public async Task A_silo_with_a_bad_policy_does_not_start_and_names_file_and_member()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "policy.json");
        await File.WriteAllTextAsync(path, """{"ceiling": {"timeoutMs": 0}}""");
        var large = Path.Combine(folder.Path, "large.json");
        await File.WriteAllTextAsync(large, new string(' ', PolicyFile.MaxBytes + 1));

        var bad = await SiloProcess.RunAsync(["--policy", path, "--data", folder.Path]);
        var tooLarge = await SiloProcess.RunAsync(["--policy", large, "--data", folder.Path]);
        var missing = await SiloProcess.RunAsync(["--policy", "/nowhere/policy.json", "--data", folder.Path]);

        (bad.ExitCode, tooLarge.ExitCode, missing.ExitCode).ShouldBe((2, 2, 2));
        bad.Error.Trim().ShouldBe($"helios-silo: --policy {path}: ceiling.timeoutMs must be from 1 to {int.MaxValue}, not 0.");
        tooLarge.Error.Trim().ShouldBe($"helios-silo: --policy {large}: The policy has more than 65536 bytes, which is the limit.");
        missing.Error.ShouldStartWith("helios-silo: --policy /nowhere/policy.json cannot be read: ");
    }

    [Fact]
    public async Task A_policy_holds_for_registrations()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "policy.json");
        await File.WriteAllTextAsync(path, Whole);
        await using var silo = SiloProcess.Start(
            "--policy", path, "--regions", "eu-west,us-east", "--data", folder.Path, "--urls", "http://127.0.0.1:0");
        using var http = new HttpClient { BaseAddress = await silo.AddressAsync() };
        using var upload = await http.PutAsync("/v1/modules", new ByteArrayContent(TestSilo.Guest("host_functions")));
        var hash = (await Answer.JsonAsync(upload))["hash"]!.GetValue<string>();

        using var large = await RegisterAsync("""{"memoryMiB": 65}""", "minimal", "eu-west");
        using var denied = await RegisterAsync("{}", "compute", "us-east");

        var problem = await Answer.ProblemAsync(large, HttpStatusCode.BadRequest, "invalid_parameter");
        problem["detail"]!.GetValue<string>().ShouldBe("limits.memoryMiB must be from 1 to 64 in eu-west, not 65.");
        problem = await Answer.ProblemAsync(denied, HttpStatusCode.UnprocessableEntity, "capability_denied");
        problem["detail"]!.GetValue<string>().ShouldContain("us-east does not allow clock, env, log, random");

        Task<HttpResponseMessage> RegisterAsync(string limits, string profile, string region) => http.PutAsync("/v1/functions/f", new StringContent(
            $$"""{"module": "{{hash}}", "entry": "clock", "limits": {{limits}}, "profile": "{{profile}}", "regions": ["{{region}}"]}""",
            Encoding.UTF8,
            "application/json"));
    }

    [Fact]
    public void Damaged_policies_are_read_or_refused_as_parameters()
    {
        var whole = Encoding.UTF8.GetBytes(Whole);
        var damaged = Gen.Choose(0, whole.Length - 1).SelectMany(at => ArbMap.Default.GeneratorFor<byte>().Select(value =>
        {
            var bytes = (byte[])whole.Clone();
            bytes[at] = value;
            return bytes;
        }));
        var cut = Gen.Choose(0, whole.Length).Select(length => whole[..length]);

        Prop.ForAll(Gen.OneOf(damaged, cut, ArbMap.Default.GeneratorFor<byte[]>()).ToArbitrary(), bytes =>
        {
            try
            {
                PolicyFile.Parse(bytes, Served).Policy.Validate();
            }
            catch (SandboxException e)
            {
                e.Code.ShouldBe(ErrorCodes.InvalidParameter);
                e.Message.ShouldNotBeEmpty();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
    }

    private static PolicyFile Parse(string json) => PolicyFile.Parse(Encoding.UTF8.GetBytes(json), Served);
}
