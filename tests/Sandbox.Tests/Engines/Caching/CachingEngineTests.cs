using System.Security.Cryptography;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Caching;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Tests.Engines.Wasmtime;

namespace HeliosEdge.Sandbox.Tests.Engines.Caching;

[Trait("Category", "Slow")]
public sealed class CachingEngineTests : IDisposable
{
    private static readonly InstanceLimits Ample = new(8 << 20, 1_000, TimeSpan.FromSeconds(30));

    private readonly string _data = Directory.CreateTempSubdirectory("helios-code-").FullName;
    private readonly CountingEngine _engine = new(new ManagedEngine());
    private readonly List<string> _reports = [];

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public void The_second_time_nothing_is_compiled()
    {
        Use("counter", Open());
        Use("counter", Open());
        Use("echo", Open());

        (_engine.Precompiled, _engine.Loaded).ShouldBe((2, 3));
        _reports.ShouldBeEmpty();
    }

    [Fact]
    public void Every_byte_of_a_file_is_authenticated()
    {
        Use("counter", Open());
        var path = Directory.GetFiles(Path.Combine(_data, "code")).Single();
        var original = File.ReadAllBytes(path);
        var random = new System.Random(1);

        // All of the head, and bytes throughout the code.
        var places = Enumerable.Range(0, 400).Concat(Enumerable.Range(0, 200).Select(_ => random.Next(original.Length))).Append(original.Length - 1);
        foreach (var place in places.Select(place => Math.Min(place, original.Length - 1)).Distinct())
        {
            var tampered = original.ToArray();
            tampered[place] ^= (byte)(1 << random.Next(8));
            RefusesAndRestores(path, tampered, original);
        }
    }

    [Fact]
    public void Cut_lengthened_and_random_files_are_discarded()
    {
        Use("counter", Open());
        var path = Directory.GetFiles(Path.Combine(_data, "code")).Single();
        var original = File.ReadAllBytes(path);
        var random = new System.Random(2);

        for (var length = 0; length < 120; length++)
        {
            RefusesAndRestores(path, original[..length], original);
        }

        RefusesAndRestores(path, original[..^1], original);
        RefusesAndRestores(path, [.. original, 0], original);
        for (var i = 0; i < 100; i++)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            original.AsSpan(0, Math.Min(random.Next(9), noise.Length)).CopyTo(noise);
            RefusesAndRestores(path, noise, original);
        }
    }

    [Fact]
    public void Code_of_another_module_is_not_taken_even_if_this_installation_wrote_it()
    {
        var cache = Open();
        Use("counter", cache);
        Use("echo", cache);
        var path = cache.PathOf(SHA256.HashData(Guests.Bytes("counter")));

        File.Copy(cache.PathOf(SHA256.HashData(Guests.Bytes("echo"))), path, overwrite: true);
        Use("counter", cache);

        _engine.Precompiled.ShouldBe(3);
        _reports.ShouldHaveSingleItem().ShouldContain("another engine, processor or module");
    }

    [Fact]
    public void Metered_code_is_kept_apart_from_other_code()
    {
        var limits = Ample with { Fuel = 1_000 };
        for (var i = 0; i < 2; i++)
        {
            Use("counter", Open());
            using var metered = Open().Compile(Guests.Bytes("counter"), metered: true);
            using var instance = metered.Instantiate(limits);
            instance.Call("handle", 0, 0).ShouldBe(0x1000000002);
        }

        (_engine.Precompiled, _engine.Loaded).ShouldBe((2, 4));
        _reports.ShouldBeEmpty();
    }

    [Fact]
    public void Code_of_modules_that_are_gone_goes_once_it_was_not_used_for_a_time()
    {
        var engine = Open();
        foreach (var guest in new[] { "counter", "echo" })
        {
            engine.Compile(Guests.Bytes(guest)).Dispose();
            engine.Compile(Guests.Bytes(guest), metered: true).Dispose();
        }

        string[] kept = [Convert.ToHexStringLower(SHA256.HashData(Guests.Bytes("echo")))];
        engine.KeepCode(kept, DateTimeOffset.UtcNow.AddMinutes(-1));
        Directory.GetFiles(Path.Combine(_data, "code")).Length.ShouldBe(4);

        engine.KeepCode(kept, DateTimeOffset.UtcNow.AddMinutes(1));

        Directory.GetFiles(Path.Combine(_data, "code")).Order().ShouldBe(
            new[] { false, true }.Select(metered => engine.PathOf(SHA256.HashData(Guests.Bytes("echo")), metered)).Order());
        _reports.ShouldBeEmpty();
    }

    [Fact]
    public void Engines_that_share_a_folder_leave_each_others_code_of_modules_that_are_there()
    {
        var cache = new CodeCache(_data, _reports.Add);
        var other = new CountingEngine(new ManagedEngine()) { CodeIdentity = "another engine" };
        CachingEngine[] engines = [new(_engine, cache), new(other, cache)];
        foreach (var engine in engines)
        {
            Use("counter", engine);
            Use("echo", engine);
        }

        string[] kept = [Convert.ToHexStringLower(SHA256.HashData(Guests.Bytes("echo")))];
        new EngineSet(engines[0], engines[1]).KeepCode(kept, DateTimeOffset.UtcNow.AddMinutes(1));

        Directory.GetFiles(Path.Combine(_data, "code")).Order().ShouldBe(engines.Select(engine => engine.PathOf(SHA256.HashData(Guests.Bytes("echo")))).Order());
        _reports.ShouldBeEmpty();
    }

    [Fact]
    public void Code_of_another_build_of_the_engine_is_not_taken()
    {
        Use("counter", Open());
        var old = Directory.GetFiles(Path.Combine(_data, "code")).Single();
        var newer = new CountingEngine(new ManagedEngine()) { CodeIdentity = "another build" };
        var cache = new CachingEngine(newer, new CodeCache(_data, _reports.Add));

        Use("counter", cache);
        newer.Precompiled.ShouldBe(1);

        File.Copy(old, cache.PathOf(SHA256.HashData(Guests.Bytes("counter"))), overwrite: true);
        Use("counter", cache);
        newer.Precompiled.ShouldBe(2);
        _reports.ShouldHaveSingleItem().ShouldContain("another engine");
    }

    [Fact]
    public void Code_of_another_installation_is_not_taken()
    {
        Use("counter", Open());
        File.Delete(Path.Combine(_data, CodeCache.KeyFile));

        Use("counter", Open());

        _engine.Precompiled.ShouldBe(2);
        _reports.ShouldHaveSingleItem().ShouldContain("not written by this installation");
    }

    [Fact]
    public void The_key_is_its_owners_alone_and_a_key_that_others_could_read_is_replaced()
    {
        Open();
        var path = Path.Combine(_data, CodeCache.KeyFile);
        var first = File.ReadAllBytes(path);
        Open();
        File.ReadAllBytes(path).ShouldBe(first);
        first.Length.ShouldBe(32);

        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
            Open();
            File.ReadAllBytes(path).ShouldNotBe(first);
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        File.WriteAllBytes(path, first[..31]);
        Open();
        File.ReadAllBytes(path).Length.ShouldBe(32);
    }

    [Fact]
    public void A_module_that_is_not_valid_leaves_nothing_behind()
    {
        Should.Throw<SandboxException>(() => Open().Compile("not wasm"u8)).Code.ShouldBe(ErrorCodes.InvalidModule);

        Directory.GetFiles(Path.Combine(_data, "code")).ShouldBeEmpty();
    }

    [Fact]
    public void Where_nothing_can_be_written_modules_still_run()
    {
        var cache = Open();
        Directory.Delete(Path.Combine(_data, "code"));

        Use("counter", cache);

        _reports.ShouldHaveSingleItem().ShouldContain("cannot be kept");
    }

    [WasmtimeFact]
    public void Guests_from_the_cache_of_libwasmtime_do_what_they_did()
    {
        foreach (var round in new[] { "compiled", "loaded" })
        {
            var cache = new CachingEngine(Libwasmtime.Engine, new CodeCache(_data, _reports.Add));
            Use("counter", cache);
            using var polite = cache.Compile(Guests.Bytes("polite"));
            using var instance = polite.Instantiate(Ample);
            instance.Call("handle", 0, 0);
            instance.MemoryGrowthRefused.ShouldBeTrue(round);
        }

        Directory.GetFiles(Path.Combine(_data, "code")).Length.ShouldBe(2);
        _reports.ShouldBeEmpty();
    }

    private static void Use(string guest, IWasmEngine engine)
    {
        using var module = engine.Compile(Guests.Bytes(guest));
        using var instance = module.Instantiate(Ample);
        instance.Call("__wasm_allocate", 8).ShouldBeGreaterThan(0);
        instance.Call("handle", 1024, 4).ShouldNotBe(0);
    }

    private CachingEngine Open() => new(_engine, new CodeCache(_data, _reports.Add));

    private void RefusesAndRestores(string path, byte[] bad, byte[] original)
    {
        if (bad.AsSpan().SequenceEqual(original))
        {
            return;
        }

        var (precompiled, reports) = (_engine.Precompiled, _reports.Count);
        File.WriteAllBytes(path, bad);

        using (Open().Compile(Guests.Bytes("counter")))
        {
            _engine.Precompiled.ShouldBe(precompiled + 1);
            _reports.Count.ShouldBe(reports + 1);
            File.ReadAllBytes(path).Length.ShouldBe(original.Length);
        }
    }

    private sealed class CountingEngine(IPrecompilingEngine engine) : IPrecompilingEngine
    {
        public int Precompiled { get; private set; }

        public int Loaded { get; private set; }

        public string Name => engine.Name;

        public string Version => engine.Version;

        public string CodeIdentity { get; init; } = engine.CodeIdentity;

        public ICompiledModule Compile(ReadOnlySpan<byte> wasm, bool metered = false, CompileTurn? turn = null) => engine.Compile(wasm, metered, turn);

        public byte[] Precompile(ReadOnlySpan<byte> wasm, bool metered = false, CompileTurn? turn = null)
        {
            Precompiled++;
            return engine.Precompile(wasm, metered, turn);
        }

        public ICompiledModule Load(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> precompiled, bool metered = false, CompileTurn? turn = null)
        {
            Loaded++;
            return engine.Load(wasm, precompiled, metered, turn);
        }
    }
}
