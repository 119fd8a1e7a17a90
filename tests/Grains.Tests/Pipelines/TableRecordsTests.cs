using System.Text;
using HeliosEdge.Grains.Pipelines;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;

namespace HeliosEdge.Grains.Tests.Pipelines;

/// <summary>Answers of functions whose sink is a table: guests write them, so they may be anything.</summary>
public sealed class TableRecordsTests
{
    [Fact]
    public void Records_are_read_in_order()
    {
        var records = Read("""[{"upsert": {"id": 1, "name": "Ada"}}, {"add": {"id": 1, "n": 2}}, {"delete": {"id": 3}}]""");

        records.Select(record => record.Verb).ShouldBe([TableVerb.Upsert, TableVerb.Add, TableVerb.Delete]);
        records[0].Row.GetRawText().ShouldBe("""{"id": 1, "name": "Ada"}""");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    public void An_answer_may_have_none(string answer) => Read(answer).ShouldBeEmpty();

    [Theory]
    [InlineData("nonsense", "is no JSON")]
    [InlineData("[{\"upsert\": {\"id\": 1}}", "is no JSON")]
    [InlineData("null", "The function's answer is null")]
    [InlineData("{\"upsert\": {}}", "The function's answer is {\"upsert\": {}}")]
    [InlineData("[1]", "Record 0 of the function's answer is 1")]
    [InlineData("[{}]", "Record 0 of the function's answer is {}")]
    [InlineData("[{\"upsert\": {}}, {\"merge\": {}}]", "Record 1 of the function's answer is {\"merge\": {}}")]
    [InlineData("[{\"upsert\": 1}]", "Record 0")]
    [InlineData("[{\"upsert\": {}, \"delete\": {}}]", "Record 0")]
    [InlineData("[{\"upsert\": {\"id\": 1, \"id\": 2}}]", "is no JSON")]
    [InlineData("[{\"\\ud800\": {}}]", "")]
    public void Anything_else_says_what_is_wrong(string answer, string words)
    {
        var fault = Should.Throw<SandboxException>(() => Read(answer));

        fault.Code.ShouldBe(ErrorCodes.SinkFailed);
        fault.Message.ShouldContain(words);
    }

    [Fact]
    public void Broken_answers_give_records_or_the_one_error()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var good = Encoding.UTF8.GetBytes("""[{"upsert": {"id": 1, "name": "\u00e4\ud83d\ude00"}}, {"add": {"n": -1.5e3}}, {"delete": {"id": null}}]""");
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                TableRecords.Read(bytes);
            }
            catch (SandboxException e) when (e.Code == ErrorCodes.SinkFailed)
            {
                // Refused.
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}, {i}: {Convert.ToHexString(bytes)}", e);
            }
        }
    }

    private static IReadOnlyList<TableRecord> Read(string answer) => TableRecords.Read(Encoding.UTF8.GetBytes(answer));
}
