using System.IO.Pipelines;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Silo.Hosting;

namespace HeliosEdge.Silo.Tests.Hosting;

public sealed class Http2PriorKnowledgeTests
{
    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    [Fact]
    public void Whatever_comes_in_whatever_pieces_is_told_apart_and_left_in_place()
    {
        // The preface whole, cut short, changed in one place, or followed by more; or anything at all.
        var bytes = Gen.OneOf(
            Gen.Choose(0, Preface.Length).Select(length => Preface[..length]),
            Gen.Choose(0, Preface.Length - 1).Select(at => Preface.Select((value, i) => i == at ? (byte)(value ^ 1) : value).ToArray()),
            ArbMap.Default.GeneratorFor<byte[]>().Select(more => (byte[])[.. Preface, .. more]),
            ArbMap.Default.GeneratorFor<byte[]>());
        var cases = bytes.SelectMany(all => Gen.Choose(0, all.Length).Select(cut => (all, cut))).ToArbitrary();

        Prop.ForAll(cases, async sent =>
        {
            var pipe = new Pipe();
            var verdict = Http2PriorKnowledge.BeginsWithPrefaceAsync(pipe.Reader, TimeSpan.FromSeconds(30));
            await pipe.Writer.WriteAsync(sent.all.AsMemory(0, sent.cut));
            await pipe.Writer.WriteAsync(sent.all.AsMemory(sent.cut));
            await pipe.Writer.CompleteAsync();

            (await verdict).ShouldBe(sent.all.AsSpan().StartsWith(Preface));
            var left = new MemoryStream();
            await pipe.Reader.CopyToAsync(left);
            left.ToArray().ShouldBe(sent.all);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    [Fact]
    public async Task A_connection_that_stays_silent_is_not_waited_for_for_ever()
    {
        var pipe = new Pipe();

        (await Http2PriorKnowledge.BeginsWithPrefaceAsync(pipe.Reader, TimeSpan.FromMilliseconds(20))).ShouldBeFalse();
    }
}
