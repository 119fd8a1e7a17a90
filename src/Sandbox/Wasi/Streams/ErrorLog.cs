using System.Text;

namespace HeliosEdge.Sandbox.Wasi.Streams;

/// <summary>Standard error: hands out whole lines as they are finished, and remembers the last one for the error message.</summary>
internal sealed class ErrorLog(Action<string>? log) : WriteOnlyStream
{
    private const int MaxLineBytes = 4_096;

    private readonly byte[] _line = new byte[MaxLineBytes];
    private int _length;

    /// <summary>The last line that was not blank, or null.</summary>
    public string? LastLine { get; private set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        foreach (var value in buffer)
        {
            if (value == (byte)'\n')
            {
                EndLine();
                continue;
            }

            if (_length == MaxLineBytes)
            {
                EndLine();
            }

            _line[_length++] = value;
        }
    }

    /// <summary>Hands out a line that the guest did not finish.</summary>
    public void End()
    {
        if (_length > 0)
        {
            EndLine();
        }
    }

    private void EndLine()
    {
        var text = Encoding.UTF8.GetString(_line, 0, _length).TrimEnd('\r');
        _length = 0;
        if (!string.IsNullOrWhiteSpace(text))
        {
            LastLine = text;
        }

        log?.Invoke(text);
    }
}
