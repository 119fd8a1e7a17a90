using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Data.Postgres;

namespace HeliosEdge.Data.Tests.Postgres;

public sealed class ArrayTests
{
    private static readonly PostgresType Texts = PostgresType.ArrayOf(PostgresType.Text);

    [Fact]
    public void An_array_of_JSON_comes_back_from_the_text_that_is_made_of_it()
    {
        var text = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(value => new string([.. value.Get.Where(c => c != 0 && !char.IsSurrogate(c))]));
        var element = Gen.OneOf(text.Select(value => (string?)value), Gen.Elements<string?>(null, "NULL", "null", "", "{", "}", ",", "\"", "\\", " ", "{}", "\\\""));
        Prop.ForAll(Gen.OneOf(
            element.ArrayOf().Select(values => JsonSerializer.Serialize(values)),
            element.ArrayOf(3).ArrayOf(2).Select(values => JsonSerializer.Serialize(values))).ToArbitrary(), json =>
        {
            using var document = JsonDocument.Parse(json);
            Written(Encoding.UTF8.GetBytes(PostgresArray.Read(document.RootElement, Texts)), Texts).ShouldBe(json);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Whatever_text_there_is_is_an_array_or_none()
    {
        var piece = Gen.Elements("{", "}", "{}", ",", "\"", "\\", "NULL", "1", "a", "[", "]", "=", "[0:1]=", "\"a\"", " ");
        Prop.ForAll(piece.ArrayOf().Select(string.Concat).ToArbitrary(), text =>
        {
            try
            {
                using var document = JsonDocument.Parse(Written(Encoding.UTF8.GetBytes(text), Texts));
                document.RootElement.ValueKind.ShouldBe(JsonValueKind.Array, text);
            }
            catch (FormatException e)
            {
                e.Message.ShouldBe("is no array as PostgreSQL writes them");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{1")]
    [InlineData("{1,}")]
    [InlineData("{1}}")]
    [InlineData("{\"1}")]
    [InlineData("{\"1\\")]
    [InlineData("{{{{{{{1}}}}}}}")]
    [InlineData("[0:1]")]
    public void What_is_no_array_is_refused(string text) =>
        Should.Throw<FormatException>(() => Written(Encoding.UTF8.GetBytes(text), Texts)).Message.ShouldBe("is no array as PostgreSQL writes them");

    private static string Written(byte[] text, PostgresType type)
    {
        var json = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(json);
        PostgresArray.Write(writer, text, type);
        writer.Flush();
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
