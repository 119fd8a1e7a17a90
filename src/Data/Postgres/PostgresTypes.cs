using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using Npgsql;

namespace HeliosEdge.Data.Postgres;

/// <summary>The types of a database by their numbers: those of PostgreSQL itself are known, and others are asked for once.</summary>
internal sealed class PostgresTypes
{
    /// <summary>Types made and dropped without end must not fill the memory.</summary>
    private const int MaxKept = 4_096;

    /// <summary>An array of a domain of an array and so on; each takes the server another answer.</summary>
    private const int MaxDepth = 8;

    // Numbers from the server's pg_type.dat, which never change: a type and the array of it.
    private static readonly (uint Type, uint Array, PostgresForm Form)[] Own =
    [
        (16, 1000, PostgresForm.Boolean),
        (17, 1001, PostgresForm.Bytes),
        (18, 1002, PostgresForm.Text),
        (19, 1003, PostgresForm.Text),
        (20, 1016, PostgresForm.Number),
        (21, 1005, PostgresForm.Number),
        (23, 1007, PostgresForm.Number),
        (25, 1009, PostgresForm.Text),
        (26, 1028, PostgresForm.Number),
        (114, 199, PostgresForm.Json),
        (700, 1021, PostgresForm.Number),
        (701, 1022, PostgresForm.Number),
        (869, 1041, PostgresForm.Text),
        (1042, 1014, PostgresForm.Text),
        (1043, 1015, PostgresForm.Text),
        (1082, 1182, PostgresForm.Text),
        (1083, 1183, PostgresForm.Text),
        (1114, 1115, PostgresForm.LocalMoment),
        (1184, 1185, PostgresForm.Moment),
        (1186, 1187, PostgresForm.Text),
        (1266, 1270, PostgresForm.Text),
        (1700, 1231, PostgresForm.Text),
        (2950, 2951, PostgresForm.Text),
        (3802, 3807, PostgresForm.Json),
    ];

    private static readonly FrozenDictionary<uint, PostgresType> Known = Own
        .SelectMany(own => new[]
        {
            KeyValuePair.Create(own.Type, new PostgresType(own.Form)),
            KeyValuePair.Create(own.Array, PostgresType.ArrayOf(new PostgresType(own.Form))),
        })
        .ToFrozenDictionary();

    private readonly ConcurrentDictionary<uint, PostgresType> _asked = new();

    /// <summary>Finds types, by asking the server for those that are not known yet.</summary>
    public async ValueTask<PostgresType[]> FindAsync(NpgsqlConnection connection, IReadOnlyList<uint> numbers, CancellationToken cancellationToken)
    {
        if (numbers.Any(number => Find(number) is null))
        {
            await AskAsync(connection, [.. numbers.Where(number => Find(number) is null).Distinct()], cancellationToken).ConfigureAwait(false);
        }

        return [.. numbers.Select(number => Find(number) ?? PostgresType.Text)];
    }

    private PostgresType? Find(uint number) => Known.GetValueOrDefault(number) ?? _asked.GetValueOrDefault(number);

    private async Task AskAsync(NpgsqlConnection connection, uint[] numbers, CancellationToken cancellationToken)
    {
        var told = new Dictionary<uint, (uint Base, uint Element, char Delimiter)>();
        var next = numbers;
        for (var depth = 0; next.Length > 0 && depth < MaxDepth; depth++)
        {
            await foreach (var (number, answer) in TellAsync(connection, next, cancellationToken).ConfigureAwait(false))
            {
                told[number] = answer;
            }

            next = [.. told.Values.SelectMany(answer => new[] { answer.Base, answer.Element }).Where(number => number != 0 && Find(number) is null && !told.ContainsKey(number)).Distinct()];
        }

        if (_asked.Count > MaxKept)
        {
            _asked.Clear();
        }

        foreach (var number in numbers)
        {
            _asked[number] = Make(number, 0);
        }

        PostgresType Make(uint number, int depth) => Find(number) ?? (depth < MaxDepth && told.TryGetValue(number, out var answer)
            ? answer.Base != 0 ? Make(answer.Base, depth + 1)
            : answer.Element != 0 ? PostgresType.ArrayOf(Make(answer.Element, depth + 1), answer.Delimiter)
            : PostgresType.Text
            : PostgresType.Text);
    }

    /// <summary>Says what domains and arrays are of; a vector such as <c>oidvector</c> is no array that could be written as one.</summary>
    private static async IAsyncEnumerable<(uint Number, (uint Base, uint Element, char Delimiter) Answer)> TellAsync(
        NpgsqlConnection connection, uint[] numbers, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT t.oid, t.typbasetype, coalesce(e.oid, 0::pg_catalog.oid), coalesce(e.typdelim, ',')::pg_catalog.text
            FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
            WHERE t.oid = ANY (CAST($1 AS pg_catalog.text)::pg_catalog.oid[])
            """,
            connection)
        {
            Parameters = { new NpgsqlParameter { Value = $"{{{string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)))}}}" } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return (reader.GetFieldValue<uint>(0), (reader.GetFieldValue<uint>(1), reader.GetFieldValue<uint>(2), reader.GetString(3)[0]));
        }
    }
}
