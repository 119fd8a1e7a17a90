using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Data.Postgres;
using static HeliosEdge.Data.Tests.Postgres.Asking;

namespace HeliosEdge.Data.Tests.Postgres;

public sealed class TypeTests(TestDatabase test) : IClassFixture<TestDatabase>
{
    private PostgresSqlDatabase Database => test.Database;

    [PostgresTheory]
    [InlineData("true", "true")]
    [InlineData("false", "false")]
    [InlineData("NULL::int", "null")]
    [InlineData("(-32768)::int2", "-32768")]
    [InlineData("2147483647", "2147483647")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("4294967295::oid", "4294967295")]
    [InlineData("1.5::float4", "1.5")]
    [InlineData("0.1::float8 + 0.2::float8", "0.30000000000000004")]
    [InlineData("1e300::float8", "1e+300")]
    [InlineData("'NaN'::float8", "\"NaN\"")]
    [InlineData("'Infinity'::float8", "\"Infinity\"")]
    [InlineData("'-Infinity'::float4", "\"-Infinity\"")]
    [InlineData("123456789012345678901234567890.1230", "\"123456789012345678901234567890.1230\"")]
    [InlineData("'NaN'::numeric", "\"NaN\"")]
    [InlineData("""'{"a": [1, "é"]}'::json""", """{"a": [1, "é"]}""")]
    [InlineData("""'{"b":1,"a":1e2}'::jsonb""", """{"a": 100, "b": 1}""")]
    [InlineData("'null'::jsonb", "null")]
    [InlineData(@"'\x0102ff'::bytea", "\"AQL/\"")]
    [InlineData("''::bytea", "\"\"")]
    [InlineData("'2026-11-29 09:19:33.123456+01'::timestamptz", "\"2026-11-29T08:19:33.123456Z\"")]
    [InlineData("'2026-11-29 08:19:33'::timestamp", "\"2026-11-29T08:19:33\"")]
    [InlineData("'infinity'::timestamptz", "\"infinity\"")]
    [InlineData("'-infinity'::timestamp", "\"-infinity\"")]
    [InlineData("'0044-03-15 00:00:00+00 BC'::timestamptz", "\"0044-03-15 00:00:00\\u002B00 BC\"")]
    [InlineData("'2026-11-29'::date", "\"2026-11-29\"")]
    [InlineData("'08:19:33.5'::time", "\"08:19:33.5\"")]
    [InlineData("'P1Y2M3DT4H5M6S'::interval", "\"P1Y2M3DT4H5M6S\"")]
    [InlineData("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"")]
    [InlineData("'192.0.2.1/24'::inet", "\"192.0.2.1/24\"")]
    [InlineData("'[1,5)'::int4range", "\"[1,5)\"")]
    [InlineData("point(1, 2)", "\"(1,2)\"")]
    [InlineData("ROW(1, 'a')", "\"(1,a)\"")]
    [InlineData("'{1,NULL,3}'::int[]", "[1,null,3]")]
    [InlineData("'{}'::int[]", "[]")]
    [InlineData("'{{1,2},{3,4}}'::int8[]", "[[1,2],[3,4]]")]
    [InlineData("'[0:1][5:6]={{t,f},{NULL,t}}'::bool[]", "[[true,false],[null,true]]")]
    [InlineData("""ARRAY['a"b', 'c\d', 'NULL', NULL, '', '{', 'x,y', ' ']""", """["a\u0022b","c\\d","NULL",null,"","{","x,y"," "]""")]
    [InlineData("""ARRAY['{"a": [1]}'::jsonb, '"x"', 'null']""", """[{"a": [1]},"x",null]""")]
    [InlineData(@"ARRAY['\x01'::bytea]", "[\"AQ==\"]")]
    [InlineData("ARRAY['NaN'::float8, 1]", "[\"NaN\",1]")]
    [InlineData("ARRAY[1.10]", "[\"1.10\"]")]
    [InlineData("ARRAY[box(point(0,0), point(1,1)), box(point(0,0), point(2,2))]", "[\"(1,1),(0,0)\",\"(2,2),(0,0)\"]")]
    [InlineData("'1 2'::int2vector", "\"1 2\"")]
    [InlineData("ARRAY['2026-11-29 08:19:33+00'::timestamptz]", "[\"2026-11-29T08:19:33Z\"]")]
    public void A_value_goes_to_JSON(string value, string json)
    {
        Database.Value($"SELECT {value}").ShouldBe(json);
        Database.Read($"SELECT 1 AS a, {value} AS b, NULL AS c").ShouldBe($$"""{"columns":["a","b","c"],"rows":[[1,{{json}},null]]}""");
    }

    [PostgresFact]
    public void Types_of_the_databases_own_go_to_JSON_as_what_they_are_of()
    {
        using var transaction = Database.Begin(ForWriting);
        transaction.Write("CREATE TYPE mood AS ENUM ('sad', 'very, happy')");
        transaction.Write("CREATE DOMAIN small AS int CHECK (VALUE < 10)");
        transaction.Write("CREATE DOMAIN smalls AS small[]");
        transaction.Value("SELECT 'very, happy'::mood").ShouldBe("\"very, happy\"");
        transaction.Value("SELECT ARRAY['sad', 'very, happy']::mood[]").ShouldBe("[\"sad\",\"very, happy\"]");
        transaction.Value("SELECT 5::small").ShouldBe("5");
        transaction.Value("SELECT ARRAY[5, 6]::small[]").ShouldBe("[5,6]");
        transaction.Value("SELECT ARRAY[5, 6]::smalls").ShouldBe("[5,6]");
        transaction.Value("SELECT ARRAY[ARRAY[5]::smalls, ARRAY[6, 7]::smalls]").ShouldBe("[[5],[6,7]]");
        transaction.Value("SELECT $1::mood[]", """[["sad", "very, happy"]]""").ShouldBe("[\"sad\",\"very, happy\"]");
        transaction.Value("SELECT $1::smalls", "[[1, null]]").ShouldBe("[1,null]");
        transaction.Value("SELECT $1::smalls[]", "[[[1], [2, 3]]]").ShouldBe("[[1],[2,3]]");
    }

    [PostgresTheory]
    [InlineData("$1::int + 1", "[41]", "42")]
    [InlineData("$1 || ''", "[12345678901234567890.50]", "\"12345678901234567890.50\"")]
    [InlineData("$1::numeric", "[12345678901234567890.50]", "\"12345678901234567890.50\"")]
    [InlineData("$1::bool", "[true]", "true")]
    [InlineData("$1::int", "[null]", "null")]
    [InlineData("$1::text", "[\"\"]", "\"\"")]
    [InlineData("$1::bytea", "[{\"base64\": \"AQL/\"}]", "\"AQL/\"")]
    [InlineData("$1::bytea", "[{\"base64\": \"\"}]", "\"\"")]
    [InlineData("$1::jsonb", "[{\"a\": [1, 2]}]", "{\"a\": [1, 2]}")]
    [InlineData("$1::jsonb", "[[1, [2], null]]", "[1, [2], null]")]
    [InlineData("$1::jsonb[]", "[[1, [2], null, \"x\"]]", "[1,[2],null,\"x\"]")]
    [InlineData("$1::int[]", "[[[1, 2], [3, null]]]", "[[1,2],[3,null]]")]
    [InlineData("$1::bytea[]", "[[{\"base64\": \"AQ==\"}, \"Ag==\"]]", "[\"AQ==\",\"Ag==\"]")]
    [InlineData("$1::text[]", """[["a\"b", "c\\d", "NULL", null, "", "{}", "x,y"]]""", """["a\u0022b","c\\d","NULL",null,"","{}","x,y"]""")]
    [InlineData("$1::box[]", "[[\"(1,1),(0,0)\", \"(2,2),(0,0)\"]]", "[\"(1,1),(0,0)\",\"(2,2),(0,0)\"]")]
    [InlineData("$2::int[] || $1::int", "[3, [1, 2]]", "[1,2,3]")]
    [InlineData("(SELECT count(*) FROM generate_series(1, 5) n WHERE n = ANY ($1))", "[[2, 3, 9]]", "2")]
    public void A_parameter_is_what_the_statement_wants(string value, string parameters, string json)
    {
        Database.Value($"SELECT {value}", parameters).ShouldBe(json);
        using var transaction = Database.Begin(ForWriting);
        transaction.Value($"SELECT {value}", parameters).ShouldBe(json);
        transaction.Value($"SELECT {value}", parameters).ShouldBe(json);
    }

    [PostgresTheory]
    [InlineData("SELECT $1::text", "[\"a\\u0000b\"]", "22023", "Parameter 1 has a zero character, and PostgreSQL text cannot have a zero character.")]
    [InlineData("SELECT $1::text[]", "[[\"\\u0000\"]]", "22023", "Parameter 1 has a zero character, and PostgreSQL text cannot have a zero character.")]
    [InlineData("SELECT 1, $1::text", "[\"\\ud800\"]", "22023", "Parameter 1 has half of a surrogate pair, which is no character.")]
    [InlineData("SELECT $1::text", "[[1]]", "22023", "Parameter 1 is a JSON array, and the statement takes no array and no JSON there; a cast such as $1::int[] says what it is.")]
    [InlineData("SELECT $1::int[]", "[[[[[[[[1]]]]]]]]", "22023", "Parameter 1 has more than 6 dimensions.")]
    [InlineData("SELECT $1::bytea[]", "[[\"?\"]]", "22023", "Parameter 1 has a string that is no Base64, where it takes bytes.")]
    [InlineData("SELECT $1::int", "[\"x\"]", "22P02", "invalid input syntax for type integer: \"x\"")]
    [InlineData("SELECT $1::int", "[1.5]", "22P02", "invalid input syntax for type integer: \"1.5\"")]
    [InlineData("SELECT $1::uuid", "[{\"base64\": \"AQ==\"}]", "42846", "cannot cast type bytea to uuid")]
    public void A_parameter_that_cannot_be_is_refused_by_its_number(string sql, string parameters, string state, string message)
    {
        var error = Database.Refuse(Reading(sql, parameters));
        error.State.ShouldBe(state, error.Message);
        error.Message.ShouldBe(message);
    }

    [PostgresFact]
    public void Where_a_statement_with_an_array_is_wrong_is_told_as_without()
    {
        var error = Database.Refuse(Reading("SELECT nothing, $1::int[]", "[[1]]"));
        (error.State, error.Position).ShouldBe(("42703", 8));
    }

    [PostgresFact]
    public void What_JSON_cannot_have_is_named_by_its_place()
    {
        using var transaction = Database.Begin(ForWriting);
        transaction.Write("SELECT set_config('bytea_output', 'escape', true)");
        transaction.Refuse(Reading("SELECT 1 AS a, '\\x01'::bytea AS b")).Message
            .ShouldBe("The value in row 1 of column 2, \"b\", is bytea that is not written in hex; bytea_output was changed.");
    }

    [PostgresFact]
    public void What_a_value_is_as_JSON_is_the_same_value_as_a_parameter()
    {
        var text = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(value => new string([.. value.Get.Where(c => c != 0 && !char.IsSurrogate(c))]));
        var whole = ArbMap.Default.GeneratorFor<long>().Select(value => value.ToString(CultureInfo.InvariantCulture));
        var real = ArbMap.Default.GeneratorFor<double>().Select(value => value.ToString("R", CultureInfo.InvariantCulture));
        var moment = ArbMap.Default.GeneratorFor<DateTime>().Select(value => value.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture));
        var bytes = ArbMap.Default.GeneratorFor<byte[]>().Select(value => "\\x" + Convert.ToHexStringLower(value));
        var scalars = Gen.OneOf(
            text.Select(value => ("text", value)),
            whole.Select(value => ("int8", value)),
            whole.Select(value => ("numeric", value + ".50")),
            real.Select(value => ("float8", value)),
            moment.Select(value => ("timestamp", value)),
            moment.Select(value => ("timestamptz", value + "+00")),
            bytes.Select(value => ("bytea", value)),
            text.Select(value => ("json", JsonSerializer.Serialize(new { value }))),
            ArbMap.Default.GeneratorFor<Guid>().Select(value => ("uuid", value.ToString())),
            ArbMap.Default.GeneratorFor<TimeSpan>().Select(value => ("interval", value.Ticks / 10 + " microseconds")));
        Prop.ForAll(scalars.ToArbitrary(), value => ComesBack(value.Item1, value.Item2)).QuickCheckThrowOnFailure();

        // The server writes the array, so that what is read is what it writes.
        Prop.ForAll(Gen.OneOf(text.ArrayOf().Select(values => ("text", values)), bytes.ArrayOf().Select(values => ("bytea", values)), real.ArrayOf().Select(values => ("float8", values))).ToArbitrary(), array =>
            ComesBack($"{array.Item1}[]", Database.Run(Reading($"SELECT coalesce(array_agg(e::{array.Item1}), '{{}}')::text FROM jsonb_array_elements_text($1) e", JsonSerializer.Serialize(new[] { array.Item2 })), Long) is { Error: null } answer
                ? JsonDocument.Parse(answer.Json).RootElement.GetProperty("rows")[0][0].GetString()!
                : throw new InvalidOperationException(JsonSerializer.Serialize(array.Item2)))).QuickCheckThrowOnFailure();
    }

    private void ComesBack(string type, string value)
    {
        var parameter = JsonSerializer.Serialize(new[] { value });
        var json = Database.Value($"SELECT $1::{type}", parameter);
        var back = type == "bytea" ? $$"""{"base64": {{json}}}""" : json;
        Database.Value($"SELECT $1::{type}", $"[{back}]").ShouldBe(json);
        Database.Value($"SELECT $2::{type}::text IS NOT DISTINCT FROM $1::text::{type}::text", $"[{parameter[1..^1]}, {back}]").ShouldBe("true", $"{type} {value} as {json}");
    }
}
