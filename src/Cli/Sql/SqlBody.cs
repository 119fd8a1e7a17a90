namespace HeliosEdge.Cli.Sql;

/// <summary>Follows the words of one statement, to tell whether a semicolon ends it or lies within a body: of a trigger with SQLite, of a function with PostgreSQL.</summary>
internal sealed class SqlBody(SqlDialect dialect)
{
    private const int MaxHead = 4;

    private readonly List<string> _head = [];
    private bool _isTrigger;
    private bool _isRoutine;
    private string _last = "";
    private int _depth;
    private int _parentheses;

    /// <summary>Takes the next word.</summary>
    public void Word(string word)
    {
        word = word.ToUpperInvariant();
        if (_head.Count < MaxHead)
        {
            _head.Add(word);
            _isTrigger = _isTrigger || (dialect == SqlDialect.Sqlite && IsTrigger());
            _isRoutine = _isRoutine || (dialect == SqlDialect.PostgreSql && IsRoutine());
        }

        if (_isRoutine && _parentheses == 0)
        {
            _depth += word switch
            {
                "BEGIN" => 1,
                "CASE" when _depth > 0 => 1,
                "END" when _depth > 0 => -1,
                _ => 0,
            };
        }

        // Of a trigger's body it matters whether END is all that stands between two semicolons.
        _last = _last == ";" && word == "END" ? "; END" : word;
    }

    /// <summary>Takes anything else.</summary>
    public void Other(char c)
    {
        _last = "";
        _parentheses += c switch { '(' => 1, ')' when _parentheses > 0 => -1, _ => 0 };
    }

    /// <summary>Takes a semicolon.</summary>
    /// <returns>Whether it ends the statement.</returns>
    public bool Ends()
    {
        var ends = _isTrigger ? _last == "; END" : dialect == SqlDialect.Sqlite || (_depth == 0 && _parentheses == 0);
        _last = ";";
        return ends;
    }

    private bool IsTrigger() => WithoutExplain() is ["CREATE", "TRIGGER"] or ["CREATE", "TEMP" or "TEMPORARY", "TRIGGER"];

    private List<string> WithoutExplain() => _head is ["EXPLAIN", ..] ? _head[1..] : _head;

    private bool IsRoutine() => _head is ["CREATE", "FUNCTION" or "PROCEDURE"] or ["CREATE", "OR", "REPLACE", "FUNCTION" or "PROCEDURE"];
}
