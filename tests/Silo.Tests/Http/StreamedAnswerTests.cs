using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Http;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Silo.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.Silo.Tests.Http;

public sealed class StreamedAnswerTests
{
    [Fact]
    public async Task A_guest_that_fails_while_its_reader_takes_nothing_is_counted_though_stopping_the_sending_ends_the_connection()
    {
        var name = $"stalled-{Guid.NewGuid():N}";
        var codes = new List<object?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "helios.http.broken_responses")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            if (tags[0].Value as string == name)
            {
                codes.Add(tags[2].Value);
            }
        });
        listener.Start();
        var http = new DefaultHttpContext { RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        using var connection = new CancellationTokenSource();
        http.RequestAborted = connection.Token;
        http.Features.Set<IHttpResponseBodyFeature>(new Reluctant(connection));
        var stream = new StreamedResponse();
        var head = new InvocationResult { Http = new HttpAnswer { Status = 200, Headers = [] } };
        await stream.Begin(new PlacedInvocation("west", head)).WriteAsync(new byte[10]);
        var failed = new InvocationResult { Fault = new InvocationFault { Code = "timeout", Message = "It is over." } };

        await StreamedAnswer.PassOnAsync(http, name, stream, Task.FromResult(new PlacedInvocation("west", failed))).WaitAsync(TimeSpan.FromSeconds(60));

        connection.IsCancellationRequested.ShouldBeTrue();
        codes.ShouldBe(["timeout"]);
    }

    /// <summary>A response that nobody reads, whose connection ends when what sends it is stopped.</summary>
    private sealed class Reluctant(CancellationTokenSource connection) : IHttpResponseBodyFeature
    {
        public Stream Stream => Writer.AsStream();

        public PipeWriter Writer { get; } = new Pipe().Writer;

        public async Task StartAsync(CancellationToken cancellationToken)
        {
            var never = new TaskCompletionSource();
            await using var stopped = cancellationToken.Register(() =>
            {
                connection.Cancel();
                never.SetCanceled(cancellationToken);
            });
            await never.Task;
        }

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task CompleteAsync() => Task.CompletedTask;

        public void DisableBuffering() => throw new NotSupportedException();
    }
}
