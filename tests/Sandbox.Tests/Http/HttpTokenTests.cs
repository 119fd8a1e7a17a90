using HeliosEdge.Sandbox.HostServices.Http;


namespace HeliosEdge.Sandbox.Tests.Http;

public sealed class HttpTokenTests
{
    [Theory]
    [InlineData("GET", true)]
    [InlineData("x-a_b.c~1", true)]
    [InlineData("!#$%&'*+-.^_`|~", true)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("a:", false)]
    [InlineData("a\r\nb", false)]
    [InlineData("\u00E4", false)]
    public void A_token_has_the_characters_of_the_standard_and_at_least_one(string text, bool isToken) => HttpToken.Is(text).ShouldBe(isToken);

    /// <summary>RFC 9110, section 5.6.2: any visible character of ASCII but delimiters.</summary>
    [Fact]
    public void Every_other_character_makes_a_text_none_wherever_it_stands()
    {
        for (var c = char.MinValue; c < char.MaxValue; c++)
        {
            var isOne = c is > ' ' and <= '~' && !"\"(),/:;<=>?@[\\]{}".Contains(c, StringComparison.Ordinal);
            foreach (var text in new[] { $"{c}", $"{c}ab", $"a{c}b", $"ab{c}" })
            {
                HttpToken.Is(text).ShouldBe(isOne, $"U+{(int)c:X4}");
            }
        }
    }
}
