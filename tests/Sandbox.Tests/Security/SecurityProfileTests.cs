using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.Tests.Security;

public sealed class SecurityProfileTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("minimal", "")]
    [InlineData("compute", "clock env log random")]
    [InlineData("database_only", "db.execute db.query log proc.call")]
    [InlineData("edge", "clock db.execute db.query env fs.read http.outbound kv.read kv.write log proc.call random")]
    public void Presets_grant_what_they_say(string? preset, string granted) =>
        string.Join(' ', CapabilityNames.Of(SecurityProfile.Resolve(preset, []).Capabilities)).ShouldBe(granted);

    [Fact]
    public void Capabilities_are_added_to_the_preset()
    {
        var profile = SecurityProfile.Resolve("database_only", ["kv.read", "log"]);

        profile.Name.ShouldBe("database_only");
        CapabilityNames.Of(profile.Capabilities).ShouldBe(["db.execute", "db.query", "kv.read", "log", "proc.call"]);
        profile.Grants(Capability.KvRead | Capability.Log).ShouldBeTrue();
        profile.Grants(Capability.KvRead | Capability.KvWrite).ShouldBeFalse();
        SecurityProfile.Minimal.Grants(Capability.None).ShouldBeTrue();
    }

    [Fact]
    public void Unknown_names_are_refused_with_the_known_ones()
    {
        Message("root", []).ShouldBe("profile must be one of minimal, compute, database_only, edge, not \"root\".");
        Message(null, ["kv.read", "kv.admin"]).ShouldContain("\"kv.admin\"");
        Message(null, ["KV.READ"]).ShouldContain("kv.read");

        static string Message(string? preset, string[] added)
        {
            var refused = Should.Throw<SandboxException>(() => SecurityProfile.Resolve(preset, added));
            refused.Code.ShouldBe(ErrorCodes.InvalidParameter);
            return refused.Message;
        }
    }

    [Theory]
    [InlineData("compute", "main", false)]
    [InlineData("database_only", "main", false)]
    [InlineData("database_only", "bank", true)]
    [InlineData("edge", "main", true)]
    [InlineData("database_only", "main", true, "kv.read")]
    public void Only_a_procedure_that_uses_nothing_but_the_regions_own_database_waits_for_nothing_else(string preset, string database, bool waits, params string[] added) =>
        SecurityProfile.Resolve(preset, [.. added]).InProcedureOn(database).MayWaitBesideMain.ShouldBe(waits);

    [Fact]
    public void Every_name_stands_for_one_capability()
    {
        foreach (var name in CapabilityNames.All)
        {
            CapabilityNames.TryParse(name, out var capability).ShouldBeTrue();
            CapabilityNames.Of(capability).ShouldBe([name]);
        }

        CapabilityNames.All.Length.ShouldBe(11);
    }
}
