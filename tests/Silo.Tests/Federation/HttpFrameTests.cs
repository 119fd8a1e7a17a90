using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Silo.Tests.Federation;

public sealed class HttpFrameTests
{
    [Fact]
    public void A_head_comes_out_as_it_went_in_whatever_pieces_it_comes_in()
    {
        var messages =
            from status in Gen.Choose(200, 599)
            from values in Gen.Elements("a", "b=c; d", "\"", "\\", "").ArrayOf()
            from body in Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf()
            from step in Gen.Choose(1, 50)
            select (Status: status, Values: values, Body: body, Step: step);
        Prop.ForAll(messages.ToArbitrary(), given =>
        {
            var answer = new HttpAnswer { Status = given.Status, Headers = [.. given.Values.Select(value => new HttpField("x", value))] };
            byte[] bytes = [.. HttpFrame.Write(answer, PeerJson.Default.HttpAnswer), .. given.Body];
            var stream = new Steps(bytes, given.Step);

            var (head, length) = HttpFrame.ReadHeadAsync(stream, PeerJson.Default.HttpAnswer, default).GetAwaiter().GetResult();

            length.ShouldBe(bytes.Length - given.Body.Length);
            var (whole, rest) = HttpFrame.Read(bytes, PeerJson.Default.HttpAnswer);
            foreach (var read in (HttpAnswer[])[head, whole])
            {
                read.Status.ShouldBe(answer.Status);
                read.Headers.ShouldBe(answer.Headers);
            }

            rest.ToArray().ShouldBe(given.Body);
            var left = new MemoryStream();
            stream.CopyTo(left);
            left.ToArray().ShouldBe(given.Body);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void What_is_no_message_is_refused_both_ways_and_never_read_beyond_the_limit()
    {
        var seed = HttpFrame.Write(new HttpAnswer { Status = 200, Headers = [new("a", "b")] }, PeerJson.Default.HttpAnswer);
        var mutations =
            from length in Gen.Choose(0, seed.Length)
            from at in Gen.Choose(0, seed.Length - 1).ArrayOf(3)
            from value in Gen.Choose(0, 255).ArrayOf(3)
            select (Length: length, At: at, Value: value);
        Prop.ForAll(mutations.ToArbitrary(), given =>
        {
            var bytes = seed.ToArray();
            for (var i = 0; i < given.At.Length; i++)
            {
                bytes[given.At[i]] = (byte)given.Value[i];
            }

            bytes = bytes[..given.Length];
            var (whole, byWhole) = Try(() => HttpFrame.Read(bytes, PeerJson.Default.HttpAnswer).Head);
            var (pieces, byPieces) = Try(() => HttpFrame.ReadHeadAsync(new MemoryStream(bytes), PeerJson.Default.HttpAnswer, default).GetAwaiter().GetResult().Head);

            byWhole.ShouldBeOneOf(null, typeof(JsonException));
            byPieces.ShouldBeOneOf(null, typeof(JsonException), typeof(EndOfStreamException));
            (pieces is null).ShouldBe(whole is null, Encoding.Latin1.GetString(bytes));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    private static (HttpAnswer? Head, Type? Refusal) Try(Func<HttpAnswer> read)
    {
        try
        {
            return (read(), null);
        }
        catch (Exception e)
        {
            return (null, e.GetType());
        }
    }

    /// <summary>Gives no more than so many bytes at once.</summary>
    private sealed class Steps(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, step)], cancellationToken);
    }
}
