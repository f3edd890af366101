using System.Text;
using CsCheck;
using Shop.Contracts.Chat;
using Shop.Notifications.Chat;
using Shop.Notifications.Chat.Moderation;
using Xunit;

namespace Shop.Tests.Notifications.Chat.Moderation;

public sealed class BlockedWordsRuleTests
{
    private static readonly BlockedWordsRule Rule = new(new ChatOptions { BlockedWords = ["scam", "Straße", "free money", "дурак", "ΆΡΑ"] });

    /// <summary>Ways to write the letters of <c>scam</c> that look like them.</summary>
    private static readonly Gen<string>[] Disguises = [.. new[] { "s S ś Š ş Ｓ ⓢ 𝐬 ſ", "c C ç Č ｃ 𝒸", "a A á Ä å ą Ａ ạ 𝕒", "m M ṁ Ṃ ｍ Ⓜ" }.Select(static ways => Gen.OneOf(ways.Split(' ')))];

    [Theory]
    [InlineData("scam")]
    [InlineData("What a SCAM!")]
    [InlineData("scam, they say")]
    [InlineData("(scam)")]
    [InlineData("no-scam-here")]
    [InlineData("s\u200bc\u00ada\u2060m")]
    [InlineData("s\u0301ca\u0308m")]
    [InlineData("in der STRASSE")]
    [InlineData("strasse")]
    [InlineData("FREE   MONEY")]
    [InlineData("free - money")]
    [InlineData("frée mönéy")]
    [InlineData("ну ДУРАК же")]
    [InlineData("αρα")]
    [InlineData("scam scam")]
    public void A_blocked_word_is_found_whatever_it_wears(string text) => Assert.Equal(ChatRefusalReason.BlockedWord, Check(text)?.Reason);

    [Theory]
    [InlineData("scamper")]
    [InlineData("a rescam b")]
    [InlineData("scam5")]
    [InlineData("s c a m")]
    [InlineData("free the money")]
    [InlineData("freemoney")]
    [InlineData("дурака")]
    [InlineData("")]
    [InlineData("日本語")]
    public void Whole_words_only(string text) => Assert.Null(Check(text));

    [Fact]
    public void The_refusal_names_the_word_as_it_is_on_the_list() => Assert.Contains("'Straße'", Check("Haupt STRASSE")!.Detail, StringComparison.Ordinal);

    [Fact]
    public void Every_mixture_of_disguises_is_found_between_any_two_separators() =>
        Gen.Select(Disguises[0], Disguises[1], Disguises[2], Disguises[3], Separator, Separator, Invisible)
            .Select(static (s, c, a, m, before, after, hidden) => $"one{before}{s}{hidden}{c}{hidden}{a}{m}{after}two")
            .Sample(static text => Check(text) is { Reason: ChatRefusalReason.BlockedWord });

    [Fact]
    public void Nothing_is_found_inside_a_longer_word() =>
        Gen.Select(Disguises[0], Disguises[1], Disguises[2], Disguises[3], Gen.Char['a', 'z'], Gen.Bool)
            .Select(static (s, c, a, m, letter, front) => front ? $"one {letter}{s}{c}{a}{m} two" : $"one {s}{c}{a}{m}{letter} two")
            .Sample(static text => Check(text) is null);

    [Fact]
    public void Any_text_can_be_looked_through() => Gen.String.Sample(static text => Check(text) is null or { Reason: ChatRefusalReason.BlockedWord });

    [Fact]
    public void Folding_twice_changes_nothing_more() =>
        Gen.Int[0x20, 0x1FFFF].Where(static point => Rune.IsValid(point)).Select(static point => new Rune(point).ToString())
            .Sample(static text => TextFolding.Fold(TextFolding.Fold(text)) == TextFolding.Fold(text));

    [Fact]
    public async Task Without_blocked_words_everything_passes() =>
        Assert.Null(await new BlockedWordsRule(new ChatOptions()).CheckAsync(Draft("scam"), CancellationToken.None));

    private static Gen<string> Separator => Gen.OneOf(" ", ". ", "-", "!", "\"", " … ", "/", "、");

    private static Gen<string> Invisible => Gen.OneOf("", "\u200b", "\u0301", "\u00ad");

    private static ChatRefusal? Check(string text) => Rule.CheckAsync(Draft(text), CancellationToken.None).Result;

    private static ChatDraft Draft(string text) => new(ChatSandbox.Lobby, ChatSandbox.Ada, text);
}
