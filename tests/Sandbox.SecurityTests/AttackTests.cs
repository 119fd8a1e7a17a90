using HeliosEdge.Sandbox.SecurityTests.Attacks;
using HeliosEdge.Sandbox.SecurityTests.Running;

namespace HeliosEdge.Sandbox.SecurityTests;

/// <summary>Every attack on one silo with our own engine.</summary>
public sealed class ManagedAttackTests(ManagedSilo silo) : IClassFixture<ManagedSilo>
{
    public static TheoryData<string> Names => [.. AllAttacks.All.Select(attack => attack.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task An_attack_comes_to_what_it_should_and_leaves_nothing_behind(string attack) => silo.SurviveAsync(AllAttacks.Find(attack));
}

/// <summary>The same on one silo with libwasmtime.</summary>
public sealed class WasmtimeAttackTests(WasmtimeSilo silo) : IClassFixture<WasmtimeSilo>
{
    public static TheoryData<string> Names => ManagedAttackTests.Names;

    [WasmtimeTheory]
    [MemberData(nameof(Names))]
    public Task An_attack_comes_to_what_it_should_and_leaves_nothing_behind(string attack) => silo.SurviveAsync(AllAttacks.Find(attack));
}
