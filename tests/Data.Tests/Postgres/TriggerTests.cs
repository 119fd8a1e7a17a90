using System.Text.Json.Nodes;
using HeliosEdge.Data.Postgres;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;
using Npgsql;
using static HeliosEdge.Data.Tests.Postgres.Asking;

namespace HeliosEdge.Data.Tests.Postgres;

/// <summary>Triggers whose bodies are guests, which are judges in C# here.</summary>
public sealed class TriggerTests : IAsyncLifetime
{
    private readonly TestDatabase _test = new();
    private readonly Judges _judges = new();
    private ISqlDatabase _database = null!;

    public async Task InitializeAsync()
    {
        await _test.InitializeAsync();
        if (PostgresServer.WhySkipped is not null)
        {
            return;
        }

        _database = _test.Database.In("eu", _judges);
        _database.Write("CREATE TABLE orders (id int PRIMARY KEY, total int, placed text)");
        _judges["allow"] = _ => Judges.Allow;
        _judges["sign"] = row => row["new"]?["total"]?.GetValue<int>() < 0 ? """{"allow": false, "reason": "the total is negative"}""" : Judges.Allow;
        _judges["twice"] = row => $$$"""{"allow": true, "new": {"total": {{{row["new"]!["total"]!.GetValue<int>() * 2}}}}}""";
        _judges["dates"] = row => row["new"]!["placed"] is null ? """{"allow": true, "new": {"placed": "2026-01-01"}}""" : Judges.Allow;
    }

    public Task DisposeAsync() => _test.DisposeAsync();

    [PostgresFact]
    public void A_veto_fails_the_statement_and_names_trigger_reason_and_row()
    {
        Put("validate", "sign", "before_insert", "after_update");
        _database.Write("INSERT INTO orders VALUES (1, 10, 'today')").ShouldContain("\"rowsAffected\":1");

        var error = _database.Refuse(Writing("INSERT INTO orders VALUES (2, 20, ''), (3, -1, '')"));
        (error.Outcome, error.Code, error.State, error.Message).ShouldBe(
            (SqlOutcome.Failed, "trigger_rejected", "38000", """The trigger "validate" rejected the row {"id":3}: the total is negative"""));
        _database.Refuse(Writing("UPDATE orders SET total = -5 RETURNING id")).Code.ShouldBe("trigger_rejected");
        _database.Refuse(Writing("WITH x AS (INSERT INTO orders VALUES (4, -1, '') RETURNING id) SELECT id FROM x")).Code.ShouldBe("trigger_rejected");

        _database.Read("SELECT id, total FROM orders").ShouldContain("[[1,10]]");
        var counts = _database.Triggers!.List(Long).Single().Counts;
        (counts.Fired, counts.Rejected, counts.Failed).ShouldBe((5, 3, 0));
        _judges.Regions.Distinct().ShouldBe(["eu"]);
    }

    [PostgresFact]
    public void Nothing_stays_of_a_transaction_and_a_guest_has_one_instance_for_it()
    {
        Put("validate", "sign", "before_insert", "after_update");
        using (var transaction = _database.Begin(ForWriting))
        {
            transaction.Write("INSERT INTO orders VALUES (1, 1, '')");
            transaction.Write("INSERT INTO orders VALUES (2, -1, '')");
            transaction.Write("CREATE TABLE beside (a int)");
            transaction.Commit(Long)!.Code.ShouldBe("trigger_rejected");
        }

        _judges.Opened.ShouldBe(1);
        (_database.Value("SELECT count(*) FROM orders"), _database.Value("SELECT to_regclass('beside')")).ShouldBe(("0", "null"));
    }

    [PostgresFact]
    public void A_part_that_is_undone_is_not_judged()
    {
        Put("validate", "sign", "after_insert");
        using (var transaction = _database.Begin(ForWriting))
        {
            transaction.Write("INSERT INTO orders VALUES (1, 1, '')");
            transaction.Save(Long).ShouldBeNull();
            transaction.Write("INSERT INTO orders VALUES (2, 2, '')");
            transaction.Save(Long).ShouldBeNull();
            transaction.Write("INSERT INTO orders VALUES (3, -1, '')");
            transaction.Keep(Long).ShouldBeNull();
            transaction.Undo(Long).ShouldBeNull();
            transaction.Write("INSERT INTO orders VALUES (4, 4, '')");
            transaction.Commit(Long).ShouldBeNull();
        }

        Ids().ShouldBe([1, 4]);
    }

    [PostgresFact]
    public void A_guest_changes_the_row_and_after_events_get_what_it_became()
    {
        Put("dates", "dates", "before_insert", "before_update");
        Put("watch", "allow", "after_insert");
        _database.Write("INSERT INTO orders VALUES (1, 1, NULL), (2, 2, 'today'), (3, NULL, NULL)");
        _database.Write("UPDATE orders SET placed = NULL WHERE id = 2");

        _database.Read("SELECT id, placed FROM orders ORDER BY id").ShouldContain("""[[1,"2026-01-01"],[2,"2026-01-01"],[3,"2026-01-01"]]""");
        _judges.Seen.Where(row => row["event"]!.GetValue<string>() == "after_insert").Select(row => row["new"]!["placed"]!.GetValue<string>()).ShouldBe(["2026-01-01", "today", "2026-01-01"]);
        _judges.Seen.Count.ShouldBe(3 + 3 + 1);
    }

    [PostgresFact]
    public void What_guests_have_made_is_not_judged_again_and_the_last_one_is_heeded()
    {
        _judges["thrice"] = row => $$$"""{"allow": true, "new": {"total": {{{row["new"]!["total"]!.GetValue<int>() * 3}}}}}""";
        Put("b", "twice", "before_insert", "before_update");
        Put("a", "thrice", "before_insert");
        _database.Write("INSERT INTO orders VALUES (1, 1, ''), (2, 5, '')");
        _database.Write("UPDATE orders SET total = 100 WHERE id = 2");

        _database.Read("SELECT total FROM orders ORDER BY id").ShouldContain("[[2],[200]]");
        _judges.Seen.Count.ShouldBe(4 + 1);
        _judges.Seen.Take(4).Select(row => $"{row["trigger"]}{row["new"]!["total"]}").ShouldBe(["a1", "b1", "a5", "b5"]);
    }

    [PostgresFact]
    public void What_a_later_statement_of_the_transaction_has_written_stays()
    {
        Put("dates", "dates", "before_insert");
        using (var transaction = _database.Begin(ForWriting))
        {
            transaction.Write("INSERT INTO orders VALUES (1, 1, NULL), (2, 1, NULL), (3, 1, NULL)");
            transaction.Write("UPDATE orders SET placed = 'tomorrow' WHERE id = 2");
            transaction.Write("DELETE FROM orders WHERE id = 3");
            transaction.Commit(Long).ShouldBeNull();
        }

        _database.Read("SELECT id, placed FROM orders ORDER BY id").ShouldContain("""[[1,"2026-01-01"],[2,"tomorrow"]]""");
    }

    [PostgresFact]
    public void A_guest_gets_values_as_results_have_them_and_gives_them_as_parameters()
    {
        _database.Write("CREATE TABLE kinds (id bigint, part char(4), n numeric, b bytea, t timestamptz, a int[], j jsonb, f float8, s text, yes bool, PRIMARY KEY (id, part))");
        Put("kinds", "allow", "kinds", ["before_insert"]);
        const string Values = """7, 'x', 1.50, '\x00ff'::bytea, '2026-01-02 03:04:05+02'::timestamptz, '{1,NULL}'::int[], '{"k": [1]}'::jsonb, 0.1, 'a "b", (c\d)', true""";
        _database.Write($"INSERT INTO kinds SELECT {Values} WHERE set_config('bytea_output', 'escape', true) <> '' AND set_config('TimeZone', 'Asia/Tokyo', true) <> ''");

        _judges.Seen.Single()["new"]!.ToJsonString().ShouldBe(
            JsonNode.Parse("""{"id":7,"part":"x   ","n":"1.50","b":"AP8=","t":"2026-01-02T01:04:05Z","a":[1,null],"j":{"k":[1]},"f":0.1,"s":"a \"b\", (c\\d)","yes":true}""")!.ToJsonString());

        _judges["allow"] = _ => """{"allow": true, "new": {"n": 2, "b": {"base64": "AQ=="}, "a": [[1,2]], "j": [true], "s": null, "yes": false, "f": 1e3, "t": "2027-01-01T00:00:00Z"}}""";
        _database.Write("DELETE FROM kinds");
        _database.Write($"INSERT INTO kinds SELECT {Values}");
        _database.Read("SELECT * FROM kinds").ShouldContain("""[[7,"x   ","2","AQ==","2027-01-01T00:00:00Z",[[1,2]],[true],1000,null,false]]""");
    }

    [PostgresTheory]
    [InlineData("""{"yes": 1}""", "no object with a member \"allow\"")]
    [InlineData("""{"allow": true, "new": {"nothing": 1}}""", "a column \"nothing\", which it may not change; it may change total, placed")]
    [InlineData("""{"allow": true, "new": {"id": 2}}""", "a column \"id\", which it may not change")]
    [InlineData("""{"allow": true, "new": {"total": "many"}}""", "what its function made of it cannot be written: invalid input syntax for type integer")]
    [InlineData("""{"allow": true, "new": {"total": [1]}}""", "a value that its column cannot have: Parameter 2 is a JSON array")]
    [InlineData("", "answered no JSON")]
    public void A_trigger_that_cannot_judge_refuses(string answer, string why)
    {
        _judges["fails"] = _ => answer;
        Put("fails", "fails", "before_insert");

        var error = _database.Refuse(Writing("INSERT INTO orders VALUES (1, 10, '')"));
        error.Code.ShouldBe("trigger_failed");
        error.Message.ShouldStartWith("""The trigger "fails" could not judge the row {"id":1}, which is refused: """);
        error.Message.ShouldContain(why);
        Ids().ShouldBeEmpty();
        _database.Triggers!.List(Long).Single().Counts.Failed.ShouldBe(1);
    }

    [PostgresFact]
    public void Without_a_function_or_anybody_who_has_one_rows_are_refused()
    {
        Put("validate", "nobody", "before_insert");
        _database.Refuse(Writing("INSERT INTO orders VALUES (1, 10, '')")).Message.ShouldContain("There is no function \"nobody\"");
        var error = _test.Database.Refuse(Writing("INSERT INTO orders VALUES (1, 10, '')"));
        (error.Code, error.Message.Contains("there is no function to ask here", StringComparison.Ordinal)).ShouldBe(("trigger_failed", true));
        Ids().ShouldBeEmpty();
    }

    [PostgresFact]
    public void Conditions_and_columns_say_what_a_guest_gets()
    {
        Put("large", "sign", "orders", ["before_insert"], "NEW.total > 100 -- large", ["total"]);
        _database.Write("INSERT INTO orders VALUES (1, 1, ''), (2, 101, '')");
        var seen = _judges.Seen.Single();
        (seen["trigger"]!.GetValue<string>(), seen["event"]!.GetValue<string>(), seen["table"]!.GetValue<string>()).ShouldBe(("large", "before_insert", "orders"));
        (seen["old"]?.ToJsonString(), seen["new"]!.ToJsonString()).ShouldBe((null, """{"total":101}"""));
        DateTimeOffset.Parse(seen["at"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
    }

    [PostgresFact]
    public void A_trigger_is_replaced_switched_and_removed()
    {
        Put("validate", "sign", "before_insert").ShouldBeTrue();
        _database.Write("CREATE TABLE others (LIKE orders INCLUDING ALL)");
        Put("validate", "sign", "others", ["before_insert", "before_delete"]).ShouldBeFalse();
        _database.Write("INSERT INTO orders VALUES (1, -1, '')");
        _database.Refuse(Writing("INSERT INTO others VALUES (1, -1, '')")).Code.ShouldBe("trigger_rejected");

        var triggers = _database.Triggers!;
        triggers.Enable("validate", isEnabled: false, Long).IsEnabled.ShouldBeFalse();
        triggers.List(Long).Single().IsEnabled.ShouldBeFalse();
        _database.Write("INSERT INTO others VALUES (1, -1, '')");
        triggers.Enable("validate", isEnabled: true, Long).IsEnabled.ShouldBeTrue();
        _database.Refuse(Writing("INSERT INTO others VALUES (2, -1, '')")).Code.ShouldBe("trigger_rejected");
        var listed = triggers.List(Long).Single();
        (listed.Definition.Table, listed.Definition.Function, listed.IsEnabled).ShouldBe(("others", "sign", true));
        listed.Definition.Events.ShouldBe(["before_delete", "before_insert"]);

        triggers.Delete("validate", Long);
        _database.Write("INSERT INTO others VALUES (2, -1, '')");
        triggers.List(Long).ShouldBeEmpty();
        Should.Throw<SandboxException>(() => triggers.Delete("validate", Long)).Code.ShouldBe(ErrorCodes.TriggerNotFound);
        Should.Throw<SandboxException>(() => triggers.Enable("validate", isEnabled: true, Long)).Code.ShouldBe(ErrorCodes.TriggerNotFound);
        _database.Value("SELECT to_regprocedure('helios_triggers.capture()')").ShouldBe("null");
    }

    [PostgresFact]
    public void Each_of_many_rows_is_judged_once_and_in_order()
    {
        Put("watch", "allow", "after_insert", "after_delete");
        _database.Write("INSERT INTO orders SELECT i, i, '' FROM generate_series(1, 10000) i");
        _judges.Seen.Select(row => row["new"]!["id"]!.GetValue<int>()).ShouldBe(Enumerable.Range(1, 10_000));
        _judges.Opened.ShouldBe(1);

        _database.Write("DELETE FROM orders");
        _judges.Seen.Count.ShouldBe(20_000);
    }

    [PostgresFact]
    public void A_bulk_of_changed_rows_is_written()
    {
        Put("twice", "twice", "before_insert");
        _database.Write("INSERT INTO orders SELECT i, i, '' FROM generate_series(1, 3000) i");
        _database.Value("SELECT count(*) FROM orders WHERE total = id * 2").ShouldBe("3000");
    }

    [PostgresFact]
    public void More_rows_than_a_transaction_may_have_are_refused()
    {
        Put("watch", "allow", "after_insert");
        var error = _database.Refuse(Writing("INSERT INTO orders SELECT i, i, '' FROM generate_series(1, 100001) i"));
        (error.State, error.Message).ShouldBe(("54000", "The transaction changes more rows that triggers judge than it may: 100000 rows or 67108864 bytes. Change them in several transactions."));
        Ids().ShouldBeEmpty();
        using var transaction = _database.Begin(ForWriting);
        transaction.Write("INSERT INTO orders VALUES (0, 0, '')");
        transaction.Save(Long).ShouldBeNull();
        transaction.Refuse(Writing("INSERT INTO orders SELECT i, i, repeat('x', 1000000) FROM generate_series(1, 80) i")).State.ShouldBe("54000");
        transaction.Undo(Long).ShouldBeNull();
        transaction.Commit(Long).ShouldBeNull();
        Ids().ShouldBe([0]);
    }

    [PostgresFact]
    public async Task What_the_server_puts_off_to_the_commit_is_judged()
    {
        _database.Write("CREATE TABLE parents (id int PRIMARY KEY)");
        _database.Write("CREATE TABLE kids (id int PRIMARY KEY, parent int REFERENCES parents ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED, total int)");
        await OperatorAsync("CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO orders VALUES (9, -9, ''); RETURN NULL; END $$");
        await OwnAsync("CREATE CONSTRAINT TRIGGER late AFTER INSERT ON parents DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late()");
        Put("validate", "sign", "after_insert");

        _database.Refuse(Writing("INSERT INTO parents VALUES (1)")).Message.ShouldContain("""{"id":9}""");
        using var transaction = _database.Begin(ForWriting);
        transaction.Write("INSERT INTO parents VALUES (1)");
        transaction.Commit(Long)!.Code.ShouldBe("trigger_rejected");
    }

    [PostgresFact]
    public async Task What_a_guests_change_causes_elsewhere_is_judged_and_comes_to_an_end()
    {
        _database.Write("CREATE TABLE log (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, total int)");
        await OperatorAsync("CREATE FUNCTION logs() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log (total) VALUES (NEW.total); RETURN NULL; END $$");
        await OwnAsync("CREATE TRIGGER logs AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION logs()");
        Put("twice", "twice", "before_insert");
        Put("log", "sign", "log", ["after_insert"]);
        _database.Write("INSERT INTO orders VALUES (1, 4, '')");
        _judges.Seen.Select(row => $"{row["trigger"]} {row["new"]!["total"]}").ShouldBe(["twice 4", "log 8"]);
        _database.Refuse(Writing("INSERT INTO orders VALUES (2, -4, '')")).Message.ShouldContain("The trigger \"log\" rejected");

        await OperatorAsync("CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO orders VALUES (NEW.id + 1, NEW.total, ''); RETURN NULL; END $$");
        await OwnAsync("CREATE TRIGGER again AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION again()");
        _judges["more"] = row => $$$"""{"allow": true, "new": {"total": {{{row["new"]!["total"]!.GetValue<int>() + 1}}}}}""";
        Put("twice", "more", "before_insert");
        var error = _database.Refuse(Writing("INSERT INTO orders VALUES (10, 1, '')"));
        (error.Code, error.Message).ShouldBe(("trigger_depth_exceeded", "Triggers caused each other more than 32 levels deep."));
        Ids().ShouldBe([1]);
    }

    [PostgresTheory]
    [InlineData("DROP TABLE orders")]
    [InlineData("ALTER TABLE orders ADD COLUMN more int")]
    [InlineData("ALTER TABLE orders RENAME TO others")]
    [InlineData("ALTER TABLE orders RENAME COLUMN total TO sum")]
    [InlineData("ALTER TABLE orders ALTER COLUMN total TYPE int USING -1")]
    [InlineData("ALTER TABLE orders DISABLE TRIGGER ALL")]
    [InlineData("ALTER TABLE orders DISABLE TRIGGER USER")]
    [InlineData("ALTER TABLE U&\"\\006frders\" DISABLE TRIGGER ALL")]
    [InlineData("ALTER TABLE orders SET SCHEMA aside")]
    [InlineData("DROP TRIGGER \"helios:0i:validate\" ON orders")]
    [InlineData("ALTER TRIGGER \"helios:0i:validate\" ON orders RENAME TO mine")]
    [InlineData("CREATE OR REPLACE TRIGGER \"helios:0i:validate\" AFTER INSERT ON orders FOR EACH ROW WHEN (false) EXECUTE FUNCTION helios_triggers.capture('{}', 'before_insert')")]
    [InlineData("CREATE TRIGGER mine AFTER INSERT ON aside.t FOR EACH ROW EXECUTE FUNCTION helios_triggers.capture('{}', 'before_insert')")]
    [InlineData("DROP SCHEMA helios_triggers CASCADE")]
    [InlineData("ALTER SCHEMA helios_triggers RENAME TO other")]
    [InlineData("ALTER SCHEMA public RENAME TO other")]
    [InlineData("CREATE TABLE kid () INHERITS (orders)")]
    [InlineData("TRUNCATE orders")]
    public void Statements_of_others_do_not_get_past_it(string sql)
    {
        _database.Write("CREATE SCHEMA aside");
        _database.Write("CREATE TABLE aside.t (a int)");
        Put("validate", "sign", "before_insert", "before_delete");

        var error = _database.Refuse(Writing(sql));
        (error.State, error.Outcome).ShouldBe(("42501", SqlOutcome.Failed));
        error.Message.ShouldBeOneOf(
            "The statement changes a table that has triggers of HeliosEdge, or the triggers, which statements of functions cannot.",
            "Rows of public.orders are judged one by one: DELETE removes them, TRUNCATE cannot (trigger helios:1t:validate).");
        using (var transaction = _database.Begin(ForWriting))
        {
            transaction.Save(Long).ShouldBeNull();
            transaction.Refuse(Writing(sql)).State.ShouldBe("42501");
            transaction.Undo(Long).ShouldBeNull();
            transaction.Write("INSERT INTO orders VALUES (1, -1, '')");
            transaction.Commit(Long)!.Code.ShouldBe("trigger_rejected");
        }

        using (var transaction = _database.Begin(ForWriting))
        {
            transaction.Refuse(Writing(sql));
            transaction.Refuse(Writing("INSERT INTO orders VALUES (1, -1, '')"));
            transaction.Commit(Long).ShouldNotBeNull();
        }

        _database.Refuse(Writing("INSERT INTO orders VALUES (1, -1, '')")).Code.ShouldBe("trigger_rejected");
    }

    [PostgresTheory]
    [InlineData("client_min_messages", "error")]
    [InlineData("client_min_messages", "panic")]
    [InlineData("log_min_messages", "panic")]
    [InlineData("search_path", "evil, pg_temp")]
    [InlineData("session_replication_role", "replica")]
    [InlineData("helios.session", "")]
    [InlineData("helios.session", "other")]
    [InlineData("helios.session", "judged")]
    public void Settings_do_not_get_past_it(string setting, string value)
    {
        Put("validate", "sign", "before_insert");
        _database.Run(Writing($"WITH x AS (SELECT set_config('{setting}', '{value}', false) s) INSERT INTO orders SELECT 1, -1, s FROM x"), Long).Error.ShouldNotBeNull();
        using (var transaction = _database.Begin(ForWriting))
        {
            transaction.Run(Writing($"SELECT set_config('{setting}', '{value}', true)"), Long);
            transaction.Run(Writing("INSERT INTO public.orders VALUES (1, -1, '')"), Long);
            transaction.Commit(Long).ShouldNotBeNull();
        }

        Ids().ShouldBeEmpty();
    }

    [PostgresFact]
    public void Ways_around_the_table_lead_to_it()
    {
        _database.Write("CREATE VIEW seen AS SELECT * FROM orders");
        _database.Write("CREATE TABLE parents (total int PRIMARY KEY)");
        _database.Write("INSERT INTO parents VALUES (5)");
        _database.Write("ALTER TABLE orders ADD FOREIGN KEY (total) REFERENCES parents ON UPDATE CASCADE");
        _database.Write("INSERT INTO orders VALUES (1, 5, '')");
        Put("validate", "sign", "before_insert", "before_update");

        _database.Write("INSERT INTO parents VALUES (-1)");
        _database.Refuse(Writing("EXPLAIN ANALYZE INSERT INTO orders VALUES (2, -1, '')")).Code.ShouldBe("trigger_rejected");
        _database.Write("DELETE FROM parents WHERE total = -1");
        _database.Refuse(Writing("UPDATE seen SET total = -1")).State.ShouldBe("23503");
        _database.Refuse(Writing("UPDATE parents SET total = -1")).Code.ShouldBe("trigger_rejected");
        _database.Refuse(Writing("WITH p AS (INSERT INTO parents VALUES (-1)) INSERT INTO seen VALUES (2, -1, '')")).Code.ShouldBe("trigger_rejected");
        _database.Refuse(Writing("INSERT INTO orders VALUES (1, 5, '') ON CONFLICT (id) DO UPDATE SET total = -1")).State.ShouldBe("23503");
    }

    [PostgresFact]
    public async Task A_direct_writer_fails_and_does_not_slip_past()
    {
        Put("validate", "sign", "before_insert", "before_delete");
        foreach (var sql in new[] { "INSERT INTO orders VALUES (1, 1, '')", "TRUNCATE orders" })
        {
            var failure = await Should.ThrowAsync<PostgresException>(() => OwnAsync(sql));
            failure.SqlState.ShouldBe("42501");
            failure.MessageText.ShouldStartWith("Rows of public.orders are judged by HeliosEdge and can be changed only through it");
        }

        _database.Refuse(Writing("TRUNCATE orders")).Message.ShouldContain("are judged one by one: DELETE removes them, TRUNCATE cannot");
    }

    [PostgresFact]
    public async Task A_silo_finds_out_that_another_has_made_triggers()
    {
        await using var others = _test.Open();
        var other = others.In("us", _judges);
        other.Write("INSERT INTO orders VALUES (1, 1, '')");
        Put("validate", "sign", "before_insert");

        other.Refuse(Writing("INSERT INTO orders VALUES (2, -1, '')")).Code.ShouldBe("trigger_rejected");
        _judges.Regions.Last().ShouldBe("us");
        other.Triggers!.List(Long).Single().Definition.Name.ShouldBe("validate");
        other.Triggers.Delete("validate", Long);
        other.Write("INSERT INTO orders VALUES (2, -1, '')");
        other.Write("INSERT INTO orders VALUES (3, -1, '')");
        Put("validate", "sign", "before_insert");

        other.Refuse(Writing("DROP TABLE orders")).State.ShouldBe("42501");
    }

    [PostgresFact]
    public async Task A_transaction_that_begins_before_anybody_knows_of_triggers_is_to_be_run_again()
    {
        await using var others = _test.Open();
        var other = others.In("us", _judges);
        other.Write("CREATE TABLE parents (id int)");
        await OperatorAsync("CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO orders VALUES (9, -9, ''); RETURN NULL; END $$");
        await OwnAsync("CREATE CONSTRAINT TRIGGER late AFTER INSERT ON parents DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late()");
        using (var transaction = other.Begin(ForWriting))
        {
            transaction.Write("INSERT INTO parents VALUES (1)");
            transaction.Write("CREATE TABLE beside (a int)");
            Put("validate", "sign", "before_insert");
            var error = transaction.Commit(Long).ShouldNotBeNull();
            (error.Outcome, error.State).ShouldBe((SqlOutcome.Conflict, "40001"));
        }

        foreach (var sql in new[] { "ALTER TABLE orders DISABLE TRIGGER ALL", "DROP TABLE orders", "DROP SCHEMA helios_triggers CASCADE", "ALTER SCHEMA helios_triggers RENAME TO mine" })
        {
            _database.Triggers!.Delete("validate", Long);
            other.Write("CREATE TABLE IF NOT EXISTS beside (a int)");
            other.Write("CREATE TABLE IF NOT EXISTS beside (a int)");
            using var transaction = other.Begin(ForWriting);
            transaction.Write("INSERT INTO parents VALUES (1)");
            transaction.Write("CREATE TABLE another (a int)");
            Put("validate", "sign", "before_insert");
            transaction.Refuse(Writing(sql)).Outcome.ShouldBe(SqlOutcome.Conflict);
            transaction.Commit(Long).ShouldNotBeNull();
        }

        (other.Value("SELECT count(*) FROM parents"), other.Value("SELECT to_regclass('another')")).ShouldBe(("0", "null"));
        using (var transaction = other.Begin(ForWriting))
        {
            transaction.Write("INSERT INTO orders VALUES (2, -1, '')");
            transaction.Commit(Long)!.Code.ShouldBe("trigger_rejected");
        }
    }

    [PostgresFact]
    public void Tables_of_other_kinds_have_triggers_too()
    {
        _database.Write("CREATE TABLE parts (id int, total int, PRIMARY KEY (id)) PARTITION BY RANGE (id)");
        _database.Write("CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (10)");
        _database.Write("CREATE TABLE \"odd \"\"table\" (\"odd \"\"column\" int, total int)");
        Put("parts", "twice", "parts", ["before_insert"]);
        Put(new string('n', 63), "sign", "odd \"table", ["before_insert"]);

        _database.Write("INSERT INTO parts VALUES (1, 1)");
        _database.Write("INSERT INTO parts_low VALUES (2, 2)");
        _database.Read("SELECT total FROM parts ORDER BY id").ShouldContain("[[2],[4]]");
        _database.Refuse(Writing("ALTER TABLE parts DETACH PARTITION parts_low")).State.ShouldBe("42501");

        _database.Refuse(Writing("INSERT INTO \"odd \"\"table\" VALUES (1, -1)")).Message.ShouldContain("""rejected the row {"odd \u0022column":1,"total":-1}""");
        Put(new string('n', 63), "twice", "public.odd \"table", ["before_insert"]).ShouldBeFalse();
        _database.Refuse(Writing("INSERT INTO \"odd \"\"table\" VALUES (1, -1)")).Message.ShouldContain("the table has no primary key");
    }

    [PostgresTheory]
    [InlineData("missing", "", "", "There is no table \"missing\"")]
    [InlineData("totals", "", "", "\"totals\" is a view; triggers are for tables")]
    [InlineData("pg_class", "", "", "\"pg_class\" is a table of the server's own")]
    [InlineData("orders", "sum", "", "The table \"orders\" has no column \"sum\"; it has id, total, placed")]
    [InlineData("orders", "", "NEW.sum > 1", "when is no expression over new, as before_insert has: column new.sum does not exist")]
    [InlineData("orders", "", "OLD.total > 1", "when is no expression over new, as before_insert has")]
    [InlineData("orders", "", "true) EXECUTE FUNCTION suppress_redundant_updates_trigger() --", "when is no expression")]
    [InlineData("orders", "", "true) EXECUTE FUNCTION suppress_redundant_updates_trigger(); SELECT (1", "when is no expression")]
    public void What_is_wrong_with_a_trigger_is_said(string table, string column, string when, string expected)
    {
        _database.Write("CREATE VIEW totals AS SELECT total FROM orders");
        var error = Should.Throw<SandboxException>(() => Put("wrong", "sign", table, ["before_insert"], when.Length == 0 ? null : when, column.Length == 0 ? [] : [column]));
        (error.Code, error.Message.Contains(expected, StringComparison.Ordinal)).ShouldBe((ErrorCodes.InvalidParameter, true), error.Message);
        _database.Triggers!.List(Long).ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task A_login_without_rights_is_told_what_to_grant()
    {
        var role = $"{_test.Settings.Username}_poor";
        await OperatorAsync($"CREATE ROLE {role} LOGIN; GRANT SELECT, INSERT ON orders TO {role}");
        await using var poor = new PostgresSqlDatabase(TestDatabase.Setting("poor", new NpgsqlConnectionStringBuilder(_test.Settings.ConnectionString) { Username = role }));
        var database = poor.In("eu", _judges);
        var definition = new TriggerDefinition("validate", "orders", ["before_insert"], "sign", null, []);

        Should.Throw<SandboxException>(() => database.Triggers!.Put(definition, Long)).Message.ShouldContain("GRANT CREATE ON DATABASE");
        await OperatorAsync($"GRANT CREATE ON DATABASE {_test.Settings.Database} TO {role}");
        Should.Throw<SandboxException>(() => database.Triggers!.Put(definition, Long)).Message.ShouldContain("GRANT TRIGGER ON");
        await OperatorAsync($"GRANT TRIGGER ON orders TO {role}");
        database.Triggers!.Put(definition, Long).ShouldBeTrue();

        database.Refuse(Writing("INSERT INTO orders VALUES (1, -1, '')")).Code.ShouldBe("trigger_rejected");
        _database.Refuse(Writing("INSERT INTO orders VALUES (1, -1, '')")).Code.ShouldBe("trigger_rejected");
        Should.Throw<SandboxException>(() => database.Triggers.Delete("validate", Long)).Message.ShouldContain("it must own the table");
        _database.Triggers!.Delete("validate", Long);
        _database.Write("INSERT INTO orders VALUES (1, -1, '')");
        _database.Write("INSERT INTO orders VALUES (2, -1, '')");
    }

    private bool Put(string name, string function, params string[] events) => Put(name, function, "orders", events);

    private bool Put(string name, string function, string table, string[] events, string? when = null, string[]? columns = null) => _database.Triggers!.Put(
        new TriggerDefinition(name, table, [.. events.Order(StringComparer.Ordinal)], function, when, [.. columns ?? []]), Long);

    private int[] Ids() => [.. JsonNode.Parse(_database.Read("SELECT id FROM orders ORDER BY id"))!["rows"]!.AsArray().Select(row => row![0]!.GetValue<int>())];

    /// <summary>As a superuser.</summary>
    private Task OperatorAsync(string sql) => _test.AskAsync<object>($"{sql}; SELECT 1");

    /// <summary>As the login, but not through HeliosEdge.</summary>
    private async Task OwnAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_test.Settings.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
