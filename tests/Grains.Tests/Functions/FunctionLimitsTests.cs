using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Tests.Functions;

public sealed class FunctionLimitsTests
{
    [Fact]
    public void The_contract_has_a_property_for_every_limit() =>
        typeof(FunctionLimits).GetProperties().Select(property => property.Name).Order()
            .ShouldBe(LimitKinds.All.Select(kind => kind.Property).Order());

    [Fact]
    public void Limits_are_shown_and_taken_back_one_by_one()
    {
        var limits = new ResourceLimits();
        foreach (var (kind, i) in LimitKinds.All.Select((kind, i) => (kind, i)))
        {
            limits = kind.Set(limits, 1_000 + i);
        }

        var shown = limits.ToFunctionLimits();

        shown.MemoryMiB.ShouldBe(limits.MemoryMiB);
        shown.Fuel.ShouldBe(limits.Fuel);
        shown.MaxHttpRequests.ShouldBe(limits.MaxHttpRequests);
        shown.MaxLogBytes.ShouldBe(limits.MaxLogBytes);
        shown.ToResourceLimits().ShouldBe(limits);
        new ResourceLimits().ToFunctionLimits().Fuel.ShouldBeNull();
        new ResourceLimits().ToFunctionLimits().ToResourceLimits().ShouldBe(new ResourceLimits());
    }
}
