using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Storage;

/// <summary>The function "old" that tests write as an earlier release did.</summary>
internal static class EarlierRelease
{
    /// <summary>The silo has it, with what its release did not know filled in.</summary>
    public static async Task ShouldBeTakenOverByAsync(TestSilo silo)
    {
        var old = await Answer.JsonAsync(await silo.Http.GetAsync("/v1/functions/old"));
        old["regions"]!.ToJsonString().ShouldBe("""["eu-west","us-east"]""");
        old["capabilities"]!.ToJsonString().ShouldBe("""["clock","env","log","random"]""");
        (old["limits"]!["memoryMiB"]!.GetValue<int>(), old["limits"]!["timeoutMs"]!.GetValue<int>()).ShouldBe((9, 700));
        old["limits"]!["maxHttpRequests"]!.GetValue<int>().ShouldBe(32, "no release before this one states it");
        (old["version"]!.GetValue<int>(), old["traffic"]!.ToJsonString()).ShouldBe((1, """{"1":100}"""));
        var versions = await Answer.JsonAsync(await silo.Http.GetAsync("/v1/functions/old/versions"));
        versions["versions"]!.AsArray().ShouldHaveSingleItem()!["createdAt"]!.GetValue<DateTimeOffset>().Year.ShouldBe(2026);
    }
}
