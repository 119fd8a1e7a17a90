using System.Diagnostics;
using HeliosEdge.Sandbox.Abi.Helios1;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Compilation.Workers;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Tests.Engines.Wasmtime;
using HeliosEdge.Testing.Building;

namespace HeliosEdge.Sandbox.Tests.Engines.Compilation;

[Trait("Category", "Process")]
public sealed class OutOfProcessTests
{
    private const int MaxModuleBytes = 16 << 20;

    private static readonly CompileLimits Limits = new();

    [WasmtimeFact]
    public void What_a_process_compiles_runs_here()
    {
        using var engine = Make(Limits);
        foreach (var metered in (bool[])[false, true])
        {
            using var module = engine.Compile(Guests.Bytes("echo"), metered, new FreeTurn(Limits));
            var response = new System.Buffers.ArrayBufferWriter<byte>();
            new Helios1Abi().Invoke(module, "handle", "payload"u8, new ResourceLimits { Fuel = metered ? 1_000_000 : null }, response);
            response.WrittenSpan.ToArray().ShouldBe("payload"u8.ToArray());
        }

        engine.Processes.Ids.Length.ShouldBe(1);
    }

    [WasmtimeFact]
    public void What_is_invalid_is_refused_as_in_this_process()
    {
        using var engine = Make(Limits);
        byte[] invalid = [.. "\0asm\u0001\0\0\0"u8, 1, 0x7F];

        var there = Should.Throw<SandboxException>(() => engine.Compile(invalid, turn: new FreeTurn(Limits)));
        var here = Should.Throw<SandboxException>(() => engine.Compile(invalid));

        (there.Code, there.Message, there.Offset).ShouldBe((here.Code, here.Message, here.Offset));
        there.Code.ShouldBe(ErrorCodes.InvalidModule);
        engine.Processes.Ids.Length.ShouldBe(1);
    }

    [WasmtimeFact]
    public async Task A_process_that_is_killed_costs_only_its_compilation()
    {
        using var engine = Make(Limits);
        engine.WarmUp();
        var process = engine.Processes.Ids.Single();
        var busy = new TaskCompletionSource();
        var compiling = Task.Run(() => engine.Compile(BombModule.Calls(5, 500_000), turn: new FreeTurn(Limits) { Passed = () => busy.TrySetResult() }));
        await busy.Task;

        Process.GetProcessById(process).Kill();

        var failed = await Should.ThrowAsync<SandboxException>(compiling);
        failed.Code.ShouldBe(ErrorCodes.CompileFailed, failed.Message);
        engine.Processes.Ids.ShouldNotContain(process);
        engine.Compile(Guests.Bytes("echo"), turn: new FreeTurn(Limits)).Dispose();
    }

    [WasmtimeFact]
    public void A_process_that_was_killed_while_it_was_idle_costs_nothing()
    {
        using var engine = Make(Limits);
        engine.WarmUp();
        using (var process = Process.GetProcessById(engine.Processes.Ids.Single()))
        {
            process.Kill();
            process.WaitForExit();
        }

        engine.Compile(Guests.Bytes("echo"), turn: new FreeTurn(Limits)).Dispose();
    }

    [WasmtimeFact]
    public void What_takes_more_memory_than_it_may_is_refused_and_its_process_ended()
    {
        var limits = Limits with { MaxMemoryMiB = CompileLimits.LeastMemoryMiB };
        using var engine = Make(limits);

        var refused = Should.Throw<SandboxException>(() => engine.Compile(BombModule.Calls(1, 500_000), turn: new FreeTurn(limits)));

        (refused.Code, refused.Limit).ShouldBe((ErrorCodes.CompileLimitExceeded, limits.MaxMemoryBytes), refused.Message);
        engine.Processes.Ids.ShouldBeEmpty();
        engine.Compile(Guests.Bytes("echo"), turn: new FreeTurn(limits)).Dispose();
    }

    [WasmtimeFact]
    public void What_takes_more_time_than_it_may_is_refused_and_its_process_ended()
    {
        var limits = Limits with { MaxSeconds = 1 };
        using var engine = Make(limits);

        var refused = Should.Throw<SandboxException>(() => engine.Compile(BombModule.Calls(20, 100_000), turn: new FreeTurn(limits)));

        (refused.Code, refused.Limit).ShouldBe((ErrorCodes.CompileLimitExceeded, 1), refused.Message);
        refused.Value.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(1);
        engine.Processes.Ids.ShouldBeEmpty();
    }

    [WasmtimeFact]
    public void What_is_compiled_to_more_code_than_it_may_be_is_refused()
    {
        var limits = Limits with { MaxCodeMiB = 1 };
        using var engine = Make(limits);

        var refused = Should.Throw<SandboxException>(() => engine.Compile(BombModule.Calls(20_000, 0), turn: new FreeTurn(limits)));

        (refused.Code, refused.Limit).ShouldBe((ErrorCodes.CompileLimitExceeded, limits.MaxCodeBytes), refused.Message);
        refused.Value.ShouldNotBeNull().ShouldBeGreaterThan(limits.MaxCodeBytes);
    }

    [WasmtimeFact]
    public void A_process_ends_with_its_silo_also_while_it_compiles()
    {
        var program = WorkerProgram.TryFind().ShouldNotBeNull();
        using var process = Process.Start(new ProcessStartInfo(program[0], [.. program[1..], .. CompileService.Arguments(Limits, MaxModuleBytes)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        CompileMessage.TryRead(process.StandardOutput.BaseStream, CompileMessage.MaxTextBytes)!.Value.Kind.ShouldBe(CompileMessageKind.Ready);
        new CompileMessage(CompileMessageKind.Compile, BombModule.Calls(5, 500_000)).WriteTo(process.StandardInput.BaseStream);

        process.StandardInput.Close();

        process.WaitForExit();
        CompileMessage.TryRead(process.StandardOutput.BaseStream, Limits.MaxCodeBytes).ShouldBeNull();
    }

    [LinuxFact]
    public void A_process_is_told_nothing_of_the_silo_and_holds_nothing_of_it()
    {
        var secret = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.db");
        Environment.SetEnvironmentVariable("HELIOS_STORE", "postgres://user:password@host/database");
        try
        {
            using var file = new FileStream(secret, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            using var engine = Make(Limits);
            engine.WarmUp();
            var process = $"/proc/{engine.Processes.Ids.Single()}";

            File.ReadAllText($"{process}/environ").ShouldNotContain("HELIOS_STORE");
            Directory.EnumerateFiles($"{process}/fd")
                .Select(descriptor => File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name ?? string.Empty)
                .ShouldAllBe(target => !target.Contains(Path.GetFileName(secret), StringComparison.Ordinal) && !target.StartsWith("socket:", StringComparison.Ordinal));
            File.ReadLines($"{process}/limits").Single(line => line.StartsWith("Max core file size", StringComparison.Ordinal)).ShouldContain(" 0 ");
            File.ReadLines($"{process}/limits").Single(line => line.StartsWith("Max data size", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].ShouldNotBe("unlimited");
        }
        finally
        {
            Environment.SetEnvironmentVariable("HELIOS_STORE", null);
        }
    }

    [LinuxTheory]
    [InlineData("echo nonsense that is long enough", "something that is no message")]
    [InlineData(@"printf '\001\005\000\000\000other'", "is not of this silo's build")]
    [InlineData(@"printf '\001\377\377\377\377'", "something that is no message")]
    [InlineData(@"printf '\002\003\000\000\000why'; cat", "cannot work: why")]
    [InlineData("exit 0", "is not of this silo's build")]
    public void Another_program_is_no_compiler(string script, string said)
    {
        var failed = Should.Throw<SandboxException>(() => new CompilerProcess(["/bin/sh", "-c", script], "build", TimeSpan.FromSeconds(30)));

        failed.Code.ShouldBe(ErrorCodes.CompileFailed);
        failed.Message.ShouldContain(said);
    }

    [LinuxTheory]
    [InlineData(@"head -c 10 >/dev/null; printf 'xxxxxxxxxxxxxx'; cat", "something that is no message")]
    [InlineData(@"head -c 10 >/dev/null; printf '\003\000\000\000\000'; cat", "answered with Compile")]
    [InlineData(@"head -c 10 >/dev/null; printf '\006\001\000\000\000x'; cat", "a refusal that is none")]
    [InlineData(@"head -c 10 >/dev/null; printf '\005\011\000\000\000x'", "a message that breaks off")]
    [InlineData(@"head -c 10 >/dev/null; echo sorry >&2; exit 3", "ended with code 3: sorry")]
    [InlineData("exec sleep 1000", "stood still")]
    public void A_compiler_that_speaks_nonsense_hangs_or_ends_is_named(string script, string said)
    {
        using var process = new CompilerProcess(["/bin/sh", "-c", @"printf '\001\005\000\000\000build'; " + script], "build", TimeSpan.FromSeconds(2));

        var failed = Should.Throw<SandboxException>(() => process.Compile(new byte[5], metered: false, new FreeTurn(Limits)));

        failed.Code.ShouldBe(ErrorCodes.CompileFailed);
        failed.Message.ShouldContain(said);
    }

    private static OutOfProcessEngine Make(CompileLimits limits)
    {
        OutOfProcessEngine.TryCreate(Libwasmtime.Engine, limits, MaxModuleBytes, out var engine, out var reason).ShouldBeTrue(reason);
        return engine!;
    }

    /// <summary>A turn that nobody else waits for.</summary>
    private sealed class FreeTurn(CompileLimits limits) : CompileTurn(limits)
    {
        public Action? Passed { get; init; }

        protected override void Continue(TimeSpan used) => Passed?.Invoke();
    }
}
