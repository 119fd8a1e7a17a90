using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using HeliosEdge.Sandbox.Abi.Helios1;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.Tests.HostFunctions;

public sealed class EnvironmentFunctionsTests
{
    private static readonly GuestSettings Settings = new()
    {
        Environment = [new("GREETING", "grüß Gott"), new("EMPTY", ""), new("ÄRGER", "no")],
    };

    [Fact]
    public void A_variable_of_the_registration_is_given_by_its_exact_name()
    {
        Text("get", "GREETING").ShouldBe("grüß Gott");
        Text("get", "ÄRGER").ShouldBe("no");
        Text("get", "EMPTY").ShouldBe("");
        Code("get", "greeting").ShouldBe(1);
        Code("get", "GREETING ").ShouldBe(1);
        Code("get", "").ShouldBe(1);
    }

    [Fact]
    public void Nothing_of_the_silos_own_environment_is_seen() => Code("get", "PATH").ShouldBe(1);

    [Fact]
    public void Without_settings_there_is_no_variable() => Code("get", "GREETING", settings: null).ShouldBe(1);

    [Fact]
    public void What_is_wrong_with_pointers_and_text_is_told_to_the_guest()
    {
        Code("get_null", "GREETING").ShouldBe(-6);
        Code("get_null_length", "GREETING").ShouldBe(-7);
        Code("get_outside", "").ShouldBe(-2);
        Code("get", new string('x', 65_537)).ShouldBe(-4);
        BinaryPrimitives.ReadInt32LittleEndian(Invoke("get", [0xFF], Settings)).ShouldBe(-3);
    }

    [Fact]
    public void It_needs_the_capability()
    {
        using var module = Guests.Compile("environment");
        var abi = new Helios1Abi();

        var refused = Should.Throw<SandboxException>(() => abi.CheckModule(module, "get", new ResourceLimits()));
        refused.Code.ShouldBe(ErrorCodes.CapabilityDenied);
        refused.Message.ShouldContain("heliosdb.env_get needs env");
        abi.CheckModule(module, "get", new ResourceLimits(), SecurityProfile.Resolve(null, ["env"]));
    }

    private static int Code(string entry, string name) => Code(entry, name, Settings);

    private static int Code(string entry, string name, GuestSettings? settings)
    {
        var response = Invoke(entry, Encoding.UTF8.GetBytes(name), settings);
        response.Length.ShouldBe(4, Encoding.UTF8.GetString(response));
        return BinaryPrimitives.ReadInt32LittleEndian(response);
    }

    private static string Text(string entry, string name) => Encoding.UTF8.GetString(Invoke(entry, Encoding.UTF8.GetBytes(name), Settings));

    private static byte[] Invoke(string entry, byte[] payload, GuestSettings? settings)
    {
        using var module = Guests.Compile("environment");
        var limits = new ResourceLimits { TimeoutMs = 30_000 };
        var profile = SecurityProfile.Resolve("compute", []);
        var response = new ArrayBufferWriter<byte>();
        new Helios1Abi().Invoke(
            module, entry, payload, limits, response, new SandboxScope("f", "eu", profile, limits, new HostServiceSet(), settings));
        return response.WrittenSpan.ToArray();
    }
}
