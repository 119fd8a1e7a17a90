using System.Text;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Http;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Abi.Wasi;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Tests.Http;

public sealed class CgiOutputTests
{
    private const int Most = 8 << 20;

    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(60);
    private static readonly byte[] Head = "Content-Type: a/b\n\n"u8.ToArray();

    [Theory]
    [InlineData(1 << 10)]
    [InlineData(4 << 20)]
    public async Task A_program_whose_response_nobody_takes_is_held_up_until_its_time_is_over(int pieceBytes)
    {
        var response = new StreamedResponse();
        using var output = Open(response, timeoutMs: 200);
        output.Write(Head);
        var piece = new byte[pieceBytes];
        Should.Throw<TimeoutException>(() =>
        {
            for (var written = 0; written < Most / 2; written += piece.Length)
            {
                output.Write(piece);
            }
        });
        output.Dispose();

        (await LengthAsync(response)).ShouldBeInRange(StreamedResponse.MaxHeldBytes, StreamedResponse.MaxHeldBytes + (64 << 10));
    }

    [Fact]
    public async Task A_program_that_is_held_up_goes_on_when_its_response_is_taken()
    {
        var response = new StreamedResponse();
        using var output = Open(response, timeoutMs: 60_000);
        var body = new byte[Most / 2];
        new Random(3).NextBytes(body);
        var program = Task.Run(() =>
        {
            output.Write(Head);
            output.Write(body);
            output.Dispose();
        });

        await response.Begun.WaitAsync(Watchdog);
        var taken = new MemoryStream();
        await response.Body.CopyToAsync(taken).WaitAsync(Watchdog);

        await program.WaitAsync(Watchdog);
        taken.ToArray().ShouldBe(body);
    }

    [Fact]
    public async Task A_program_that_is_held_up_is_ended_when_its_call_is_taken_back()
    {
        var response = new StreamedResponse();
        using var cancel = new CancellationTokenSource();
        using var output = Open(response, timeoutMs: 60_000, cancel.Token);
        var program = Task.Run(() =>
        {
            output.Write(Head);
            output.Write(new byte[Most / 2]);
        });
        await response.Begun.WaitAsync(Watchdog);

        await cancel.CancelAsync();

        (await Should.ThrowAsync<TimeoutException>(() => program.WaitAsync(Watchdog))).InnerException.ShouldBeOfType<OperationCanceledException>();
    }

    [Fact]
    public async Task A_program_whose_response_is_not_wanted_any_more_is_ended_at_its_next_piece()
    {
        var response = new StreamedResponse();
        using var output = Open(response, timeoutMs: 60_000);
        output.Write(Head);
        output.Write("hello"u8);
        (await response.WholeAsync()).ToArray().ShouldBe("hello"u8.ToArray());

        Should.Throw<SandboxException>(() => output.Write("more"u8)).Code.ShouldBe(ErrorCodes.Cancelled);
    }

    [Fact]
    public void A_response_is_held_to_its_limit_with_its_head()
    {
        var response = new StreamedResponse();
        using var output = new CgiOutput(
            new ResourceLimits { MaxResponseBytes = Head.Length + 5 }, head => response.Begin(new PlacedInvocation("r", new InvocationResult { Http = new HttpAnswer { Status = head.Status, Headers = [] } })));
        output.Write(Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(Head) + "hello"));

        var refused = Should.Throw<SandboxException>(() => output.Write("!"u8));

        (refused.Code, refused.Limit, refused.Value).ShouldBe((ErrorCodes.ResponseTooLarge, Head.Length + 5, Head.Length + 6));
    }

    private static CgiOutput Open(StreamedResponse response, int timeoutMs, CancellationToken cancel = default) => new(
        new ResourceLimits { MaxResponseBytes = Most, TimeoutMs = timeoutMs },
        head => response.Begin(new PlacedInvocation("r", new InvocationResult { Http = new HttpAnswer { Status = head.Status, Headers = [] } })),
        cancel);

    private static async Task<long> LengthAsync(StreamedResponse response)
    {
        var taken = new MemoryStream();
        await response.Body.CopyToAsync(taken).WaitAsync(Watchdog);
        return taken.Length;
    }
}
