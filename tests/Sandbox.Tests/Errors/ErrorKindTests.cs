using System.Reflection;
using System.Text.RegularExpressions;
using HeliosEdge.Sandbox.Errors;

namespace HeliosEdge.Sandbox.Tests.Errors;

public sealed partial class ErrorKindTests
{
    [Fact]
    public void Every_code_has_a_row_of_its_own()
    {
        var codes = typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!).ToList();

        ErrorKind.All.Select(kind => kind.Code).ShouldBe(codes.Order(StringComparer.Ordinal));
        codes.ShouldAllBe(code => Code().IsMatch(code));
        ErrorKind.All.Select(kind => kind.Title).ShouldBeUnique();
        ErrorKind.All.ShouldAllBe(kind => kind.Status >= 400 && kind.Status < 600);
    }

    [Fact]
    public void What_says_when_to_come_again_can_pass() =>
        ErrorKind.All.Where(kind => kind.RetryAfterSeconds is not null).ShouldAllBe(kind => kind.Again != Retry.Never);

    [Fact]
    public void Codes_of_other_releases_are_nothing_known() => ErrorKind.Find("made_up").ShouldBeNull();

    [Fact]
    public void The_documents_say_the_same()
    {
        var rows = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "docs", "errors.md")).Select(line => Row().Match(line)).Where(row => row.Success)
            .Select(row => (row.Groups["code"].Value, row.Groups["status"].Value, row.Groups["again"].Value));

        rows.ShouldBe(
            ErrorKind.All.Select(kind => (
                kind.Code,
                kind.RetryAfterSeconds is { } seconds ? $"{kind.Status}, `Retry-After: {seconds}`" : $"{kind.Status}",
                kind.Again switch { Retry.Never => "never", Retry.MayPass => "may pass", _ => "nothing has begun" })),
            "docs/errors.md");
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
    private static partial Regex Code();

    [GeneratedRegex(@"^\| `(?<code>\w+)` \| (?<status>[^|]+) \| [^|]+ \| (?<again>[^|]+) \|$")]
    private static partial Regex Row();
}
