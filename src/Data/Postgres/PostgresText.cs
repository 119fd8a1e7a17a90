using HeliosEdge.Sandbox.HostServices.Sql;

namespace HeliosEdge.Data.Postgres;

/// <summary>
/// What is to be known of a statement before the server has it. The server decides what a statement is and refuses two in one; here its
/// first words are read, behind comments and parentheses, and what decides only how it is sent and what an error says.
/// </summary>
internal sealed class PostgresText
{
    private const int MaxWords = 8;

    private readonly string _text;
    private readonly List<string> _words = [];
    private int _at;
    private int _end = -1;
    private bool _isStart = true;

    /// <exception cref="StatementException">It is none, several, or too large.</exception>
    public PostgresText(string text)
    {
        _text = text;
        if (text.Length > SqlLimits.MaxSqlBytes)
        {
            throw new StatementException(SqlOutcome.Failed, "54000", $"The statement has {text.Length} characters, and {SqlLimits.MaxSqlBytes} is the limit.");
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new StatementException(SqlOutcome.Failed, "42601", "The statement has a zero character in it, which PostgreSQL's text cannot have.");
        }

        Scan();
        if (_words.Count == 0 && _isStart)
        {
            throw new StatementException(SqlOutcome.Failed, "42601", "There is no statement.");
        }

        Statement = _end < 0 ? text : text[.._end];
    }

    /// <summary>The statement, without a semicolon behind it.</summary>
    public string Statement { get; }

    /// <summary>Its first words in capitals, as far as nothing but words comes.</summary>
    public IReadOnlyList<string> Words => _words;

    /// <summary>The highest number of a parameter such as <c>$1</c>.</summary>
    public int Parameters { get; private set; }

    /// <summary>Whether it may return rows of what it writes.</summary>
    public bool HasReturning { get; private set; }

    /// <summary>Whether it has the word CREATE in it again, as a schema made with what is in it has.</summary>
    public bool HasNestedCreate { get; private set; }

    private void Scan()
    {
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (char.IsWhiteSpace(c))
            {
                _at++;
            }
            else if (c == '-' && Next == '-')
            {
                SkipLine();
            }
            else if (c == '/' && Next == '*')
            {
                SkipComment();
            }
            else if (c == ';')
            {
                // What comes before the first one is the statement; there must be one, and nothing but semicolons behind it.
                if (_end < 0)
                {
                    _end = _at;
                }

                _at++;
            }
            else if (_end >= 0)
            {
                throw new StatementException(new SqlError(SqlOutcome.Failed, "42601", "A call runs one statement, not several.", _at + 1));
            }
            else
            {
                SkipToken(c);
            }
        }
    }

    private char Next => _at + 1 < _text.Length ? _text[_at + 1] : '\0';

    private void SkipToken(char c)
    {
        if (IsWordStart(c))
        {
            Word();
            return;
        }

        if (c == '(' && _isStart && _words.Count == 0)
        {
            _at++;
            return;
        }

        _isStart = false;
        switch (c)
        {
            case '\'':
                SkipQuoted('\'', hasEscapes: false);
                break;
            case '"':
                SkipQuoted('"', hasEscapes: false);
                break;
            case '$' when char.IsAsciiDigit(Next):
                Parameter();
                break;
            case '$':
                SkipDollars();
                break;
            default:
                _at++;
                break;
        }
    }

    private void Word()
    {
        var start = _at;
        while (_at < _text.Length && (IsWordStart(_text[_at]) || char.IsAsciiDigit(_text[_at]) || _text[_at] == '$'))
        {
            _at++;
        }

        var word = _text.AsSpan(start, _at - start);
        if (_at < _text.Length && _text[_at] == '\'' && word is "e" or "E")
        {
            _isStart = false;
            SkipQuoted('\'', hasEscapes: true);
            return;
        }

        HasNestedCreate |= _words.Count > 0 && word.Equals("CREATE", StringComparison.OrdinalIgnoreCase);
        HasReturning |= word.Equals("RETURNING", StringComparison.OrdinalIgnoreCase);
        if (_isStart && _words.Count < MaxWords)
        {
            _words.Add(word.ToString().ToUpperInvariant());
        }
    }

    private void Parameter()
    {
        long number = 0;
        for (_at++; _at < _text.Length && char.IsAsciiDigit(_text[_at]); _at++)
        {
            number = Math.Min(number * 10 + (_text[_at] - '0'), int.MaxValue);
        }

        Parameters = Math.Max(Parameters, (int)number);
    }

    private void SkipLine()
    {
        var end = _text.AsSpan(_at).IndexOfAny('\n', '\r');
        _at = end < 0 ? _text.Length : _at + end;
    }

    /// <summary>Comments lie within each other, other than in most languages.</summary>
    private void SkipComment()
    {
        var depth = 0;
        do
        {
            if (_text[_at] == '/' && Next == '*')
            {
                depth++;
                _at += 2;
            }
            else if (_text[_at] == '*' && Next == '/')
            {
                depth--;
                _at += 2;
            }
            else
            {
                _at++;
            }
        }
        while (depth > 0 && _at < _text.Length);
    }

    private void SkipQuoted(char quote, bool hasEscapes)
    {
        for (_at++; _at < _text.Length; _at++)
        {
            if (hasEscapes && _text[_at] == '\\')
            {
                _at++;
            }
            else if (_text[_at] == quote)
            {
                if (Next != quote)
                {
                    _at++;
                    return;
                }

                _at++;
            }
        }

        _at = Math.Min(_at, _text.Length);
    }

    /// <summary>Text between <c>$$</c> and <c>$$</c>, or <c>$word$</c> and <c>$word$</c>.</summary>
    private void SkipDollars()
    {
        var end = _at + 1;
        while (end < _text.Length && (IsWordStart(_text[end]) || (end > _at + 1 && char.IsAsciiDigit(_text[end]))))
        {
            end++;
        }

        if (end >= _text.Length || _text[end] != '$')
        {
            _at++;
            return;
        }

        var tag = _text[_at..(end + 1)];
        var close = _text.IndexOf(tag, end + 1, StringComparison.Ordinal);
        _at = close < 0 ? _text.Length : close + tag.Length;
    }

    private static bool IsWordStart(char c) => char.IsAsciiLetter(c) || c == '_' || c > '\x7F';
}
