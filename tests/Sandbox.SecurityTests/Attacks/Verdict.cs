using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace HeliosEdge.Sandbox.SecurityTests.Attacks;

/// <summary>What is to come of an attack.</summary>
internal abstract record Verdict
{
    /// <summary>The call ends with this code.</summary>
    public static Verdict Ended(string code) => new Ending(code);

    /// <summary>The call is answered, for the attack came to nothing; with one i32.</summary>
    public static Verdict Answers(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return new Answer(bytes);
    }

    /// <summary>The call is answered with this text.</summary>
    public static Verdict Answers(string text) => new Answer(Encoding.UTF8.GetBytes(text));

    /// <summary>The call is answered with these bytes.</summary>
    public static Verdict Answers(byte[] bytes) => new Answer(bytes);

    /// <summary>The upload or the registration is refused.</summary>
    public static Verdict Refused(string code, HttpStatusCode status = HttpStatusCode.UnprocessableEntity) => new Refusal(code, status);

    internal sealed record Ending(string Code) : Verdict;

    internal sealed record Answer(byte[] Bytes) : Verdict;

    internal sealed record Refusal(string Code, HttpStatusCode Status) : Verdict;
}
