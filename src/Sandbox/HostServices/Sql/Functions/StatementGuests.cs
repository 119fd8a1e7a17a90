using System.Buffers;
using HeliosEdge.Sandbox.Abi;

namespace HeliosEdge.Sandbox.HostServices.Sql.Functions;

/// <summary>
/// The guests that one statement calls: one instance of each serves all rows. The first that fails ends the statement. Most statements call none, and cost nothing here.
/// </summary>
internal sealed class StatementGuests(ISqlFunctions functions, string region, SqlPatience patience) : IDisposable
{
    private Dictionary<string, IGuestSession>? _sessions;
    private (string Name, IGuestSession Session)? _last;
    private ArrayBufferWriter<byte>? _answer;

    /// <summary>Why the statement is to end; null where nothing is.</summary>
    public SandboxException? Failure { get; private set; }

    /// <summary>The name of the function that <see cref="Failure"/> is of.</summary>
    public string FailedFunction { get; private set; } = "";

    /// <summary>Calls one.</summary>
    /// <param name="name">The function.</param>
    /// <param name="payload">What the guest gets.</param>
    /// <param name="answer">What it answers; good until the next call.</param>
    /// <returns>False if it failed.</returns>
    public bool TryCall(string name, ReadOnlySpan<byte> payload, out ReadOnlyMemory<byte> answer)
    {
        answer = default;
        if (Failure is not null)
        {
            return false;
        }

        try
        {
            _answer ??= new();
            _answer.ResetWrittenCount();
            SessionOf(name).Call(payload, _answer);
            answer = _answer.WrittenMemory;
            return true;
        }
        catch (SandboxException e)
        {
            Fail(name, e);
            return false;
        }
    }

    /// <summary>Ends the statement because of what a function answered.</summary>
    public void Fail(string name, SandboxException failure)
    {
        Failure ??= failure;
        FailedFunction = name;
    }

    /// <summary>What has failed, to be told in another way.</summary>
    public SandboxException? TakeFailure()
    {
        var failure = Failure;
        Failure = null;
        return failure;
    }

    private IGuestSession SessionOf(string name)
    {
        if (_last is { } last && ReferenceEquals(last.Name, name))
        {
            return last.Session;
        }

        _sessions ??= new(StringComparer.Ordinal);
        if (!_sessions.TryGetValue(name, out var session))
        {
            _sessions.Add(name, session = functions.Open(region, name, patience));
        }

        _last = (name, session);
        return session;
    }

    public void Dispose()
    {
        foreach (var session in _sessions?.Values ?? Enumerable.Empty<IGuestSession>())
        {
            session.Dispose();
        }

        _sessions = null;
        _last = null;
    }
}
