using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Access.Keys;

namespace HeliosEdge.Silo.Tests.Access;

public sealed class KeyTextTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    [Fact]
    public void A_key_has_the_parts_that_it_was_made_of() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), _ =>
    {
        var (id, secret) = (KeyText.NewId(), KeyText.NewSecret());

        KeyText.TryParse(KeyText.Format(id, secret), out var parsedId, out var parsedSecret).ShouldBeTrue();

        parsedId.ToString().ShouldBe(id);
        parsedSecret.ToString().ShouldBe(secret);
    }).Check(Config.QuickThrowOnFailure);

    [Fact]
    public void Whatever_parses_is_that_key_and_no_other()
    {
        // A good key changed in one place, cut, lengthened, or any text at all.
        var good = KeyText.Format(KeyText.NewId(), KeyText.NewSecret());
        var any = ArbMap.Default.GeneratorFor<char>();
        var texts = Gen.OneOf(
            Gen.Choose(0, good.Length - 1).SelectMany(at => any.Select(c => good.Remove(at, 1).Insert(at, c.ToString()))),
            Gen.Choose(0, good.Length - 1).SelectMany(at => Gen.Elements(Alphabet.ToCharArray()).Select(c => good.Remove(at, 1).Insert(at, c.ToString()))),
            Gen.Choose(0, good.Length - 1).Select(length => good[..length]),
            any.Select(c => good + c),
            ArbMap.Default.GeneratorFor<string>().Select(text => text ?? "")).ToArbitrary();

        Prop.ForAll(texts, text =>
        {
            if (KeyText.TryParse(text, out var id, out var secret))
            {
                KeyText.Format(id.ToString(), secret.ToString()).ShouldBe(text);
                id.ToString().All(c => c is >= 'a' and <= 'z' or >= '2' and <= '7').ShouldBeTrue();
                secret.ToString().All(Alphabet.Contains).ShouldBeTrue();
            }
            else
            {
                (id.Length, secret.Length).ShouldBe((0, 0));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Fact]
    public void Only_the_secret_that_was_made_is_good()
    {
        var (key, text) = new KeyRequest("ci", ["deploy"], null, null, null).Make(DateTimeOffset.UnixEpoch);
        KeyText.TryParse(text, out var id, out var secret).ShouldBeTrue();
        id.ToString().ShouldBe(key.Id);
        ApiKey.Verify(key, secret).ShouldBeTrue();
        ApiKey.Verify(null, secret).ShouldBeFalse();

        for (var i = 0; i < secret.Length; i++)
        {
            var other = secret.ToString().ToCharArray();
            other[i] = other[i] == 'A' ? 'B' : 'A';
            ApiKey.Verify(key, other).ShouldBeFalse();
        }
    }

    [Fact]
    public void The_secret_is_in_nothing_that_is_stored()
    {
        var (key, text) = new KeyRequest("ci", ["deploy"], null, null, null).Make(DateTimeOffset.UnixEpoch);
        KeyText.TryParse(text, out _, out var secret).ShouldBeTrue();

        key.ToString().ShouldNotContain(secret.ToString());
        key.Salt.Length.ShouldBe(16);
        key.Hash.Length.ShouldBe(32);
        new KeyRequest("ci", ["deploy"], null, null, null).Make(DateTimeOffset.UnixEpoch).Key.Salt.ShouldNotBe(key.Salt);
    }

    [Theory]
    [InlineData("", "deploy", null, null, null, "1 to 64")]
    [InlineData(" x", "deploy", null, null, null, "1 to 64")]
    [InlineData("a\nb", "deploy", null, null, null, "control")]
    [InlineData("x", "root", null, null, null, "\"root\" is no scope")]
    [InlineData("x", "peer", null, null, null, "\"peer\" is no scope")]
    [InlineData("x", "", null, null, null, "no scope")]
    [InlineData("x", "read", 0, null, null, "rate is from 1")]
    [InlineData("x", "read", 1, 2_000_000, null, "burst is from 1")]
    [InlineData("x", "read", null, 5, null, "burst needs a rate")]
    [InlineData("x", "read", null, null, 0, "good for")]
    [InlineData("x", "read", null, null, 4000, "3650 days")]
    public void A_key_that_is_not_accepted_is_refused_with_the_reason(string name, string scope, int? rate, int? burst, int? days, string reason) =>
        Should.Throw<KeyRefusedException>(() => new KeyRequest(
                name, [scope], rate, burst, days is { } lifetime ? TimeSpan.FromDays(lifetime) : null).Make(DateTimeOffset.UnixEpoch))
            .Message.ShouldContain(reason);

    [Fact]
    public void Scopes_imply_lesser_ones() => Enum.GetValues<Scopes>().ToDictionary(scope => scope, scope => scope.WithImplied()).ShouldBe(
        new Dictionary<Scopes, Scopes>
        {
            [Scopes.None] = Scopes.None,
            [Scopes.Read] = Scopes.Read,
            [Scopes.Invoke] = Scopes.Invoke,
            [Scopes.Deploy] = Scopes.Deploy | Scopes.Read,
            [Scopes.Admin] = Scopes.Admin | Scopes.Deploy | Scopes.Invoke | Scopes.Read | Scopes.DataWrite | Scopes.DataRead,
            [Scopes.Peer] = Scopes.Peer | Scopes.Deploy | Scopes.Invoke | Scopes.Read,
            [Scopes.DataRead] = Scopes.DataRead,
            [Scopes.DataWrite] = Scopes.DataWrite | Scopes.DataRead,
        });
}
