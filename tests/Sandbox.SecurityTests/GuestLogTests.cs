using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Silo.Functions;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Sandbox.SecurityTests;

/// <summary>What guests say in the silo's log cannot pass for anything else there.</summary>
public sealed class GuestLogTests
{
    [Theory]
    [InlineData("a\r\nfail: HeliosEdge.Silo[0] forged")]
    [InlineData("\u001b[2J\u001b[31mred")]
    [InlineData("a\u2028b\u2029c\u0085d")]
    [InlineData("\u202edesrever\u2066\u200f")]
    [InlineData("a\0b\bc\u007f")]
    public void A_line_of_a_guest_stays_one_line_without_control_characters(string text)
    {
        using var lines = new Lines();

        new GuestLog(lines).Write("f", "eu-west", GuestLogLevel.Error, text);

        var line = lines.Written.ShouldHaveSingleItem();
        line.ShouldStartWith("f in eu-west: ");
        line.ShouldAllBe(c => !char.IsControl(c) && !"\u2028\u2029\u202e\u2066\u200f".Contains(c));
        line.Length.ShouldBe("f in eu-west: ".Length + text.Length);
    }

    private sealed class Lines : ILoggerFactory, ILogger
    {
        public List<string> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
