using System.Globalization;
using System.Text.RegularExpressions;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Sandbox.Tests.Limits;

public sealed partial class LimitKindsTests
{
    public static TheoryData<string> Limits => new(LimitKinds.Names);

    [Fact]
    public void Every_limit_has_a_row() =>
        LimitKinds.All.Select(kind => kind.Property).Order().ShouldBe(typeof(ResourceLimits).GetProperties().Select(property => property.Name).Order());

    [Theory]
    [MemberData(nameof(Limits))]
    public void A_row_reads_and_sets_the_property_of_its_name(string name)
    {
        var kind = LimitKinds.All.Single(kind => kind.Name == name);
        var property = typeof(ResourceLimits).GetProperty(kind.Property)!;

        var limits = kind.Set(new ResourceLimits(), 12_345);

        Convert.ToInt64(property.GetValue(limits), CultureInfo.InvariantCulture).ShouldBe(12_345);
        kind.Of(limits).ShouldBe(12_345);
        LimitKinds.All.Where(other => other != kind).ShouldAllBe(other => other.Of(limits) == other.Usual);
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public void What_a_row_says_holds_where_nothing_else_is_said(string name)
    {
        var kind = LimitKinds.All.Single(kind => kind.Name == name);

        kind.Of(new ResourceLimits()).ShouldBe(kind.Usual);
        kind.Of(new SandboxPolicy().Ceiling).ShouldBe(kind.Ceiling);
        (kind.Usual ?? kind.Least).ShouldBeInRange(kind.Least, kind.Ceiling ?? kind.Most);
        (kind.Ceiling ?? kind.Most).ShouldBeLessThanOrEqualTo(kind.Most);
    }

    [Fact]
    public void Options_are_told_from_the_names()
    {
        (LimitKinds.MemoryMiB.Option, LimitKinds.MemoryMiB.CeilingOption).ShouldBe(("memory-mib", "max-memory-mib"));
        (LimitKinds.MaxPayloadBytes.Option, LimitKinds.MaxPayloadBytes.CeilingOption).ShouldBe(("max-payload-bytes", "max-payload-bytes"));
        LimitKinds.All.Select(kind => kind.CeilingOption).ShouldBeUnique();
    }

    [Fact]
    public void The_documents_say_the_same()
    {
        var rows = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "docs", "guest-abi.md"))
            .Select(line => LimitRow().Match(line)).Where(row => row.Success)
            .Select(row => (Name: row.Groups["name"].Value, Usual: row.Groups["usual"].Value, Ceiling: row.Groups["ceiling"].Value))
            .ToList();

        rows.Select(row => row.Name).ShouldBe(LimitKinds.Names, "docs/guest-abi.md, \"Limits\"");
        foreach (var (row, kind) in rows.Zip(LimitKinds.All))
        {
            Parse(row.Usual, kind).ShouldBe(kind.Usual, $"the default of {row.Name}");
            Parse(row.Ceiling, kind).ShouldBe(kind.Ceiling, $"the ceiling of {row.Name}");
        }
    }

    // Numbers in the unit of the limit; null for words.
    private static long? Parse(string cell, LimitKind kind)
    {
        var (number, unit) = Quantity().Match(cell) is { Success: true } match ? (match.Groups[1].Value, match.Groups[2].Value) : ("", "");
        return number.Length == 0 ? null : long.Parse(number, NumberStyles.AllowThousands, CultureInfo.InvariantCulture) * Size(unit) / Size(kind.Unit);
    }

    private static long Size(string unit) => unit switch { "MiB" => 1 << 20, "KiB" => 1 << 10, _ => 1 };

    [GeneratedRegex(@"^\| [^|]+ \| `(?<name>\w+)` \| (?<usual>[^|]+) \| (?<ceiling>[^|]+) \|$")]
    private static partial Regex LimitRow();

    [GeneratedRegex(@"^([\d,]+) ?(\w*)")]
    private static partial Regex Quantity();
}
