using Shop.Contracts.Chat;
using Shop.Notifications.Chat;
using Shop.Notifications.Chat.Moderation;
using Xunit;

namespace Shop.Tests.Notifications.Chat.Moderation;

public sealed class PlainTextRuleTests
{
    [Fact]
    public async Task No_control_character_gets_in()
    {
        for (var c = '\0'; c <= '\u00ff'; c++)
            Assert.Equal(char.IsControl(c) ? ChatRefusalReason.NotPlainText : null, await CheckAsync($"a{c}b"));
        Assert.Equal(ChatRefusalReason.NotPlainText, await CheckAsync("a\u2028b"));
        Assert.Equal(ChatRefusalReason.NotPlainText, await CheckAsync("a\u2029b"));
    }

    [Fact]
    public async Task No_half_character_gets_in()
    {
        foreach (var text in new[] { "a\ud800", "\ude00a", "a\ude00\ud83d" })
            Assert.Equal(ChatRefusalReason.NotPlainText, await CheckAsync(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u200b")]
    [InlineData("\u200d\u2060\ufeff")]
    [InlineData("\u00a0\u200b\u00a0")]
    [InlineData("\u0301\u0301")]
    public async Task What_cannot_be_seen_is_no_message(string text) => Assert.Equal(ChatRefusalReason.Empty, await CheckAsync(text));

    [Theory]
    [InlineData("a", 500, null)]
    [InlineData("a", 501, ChatRefusalReason.TooLong)]
    [InlineData("😀", 500, null)]
    [InlineData("😀", 501, ChatRefusalReason.TooLong)]
    [InlineData("क", 500, null)]
    public async Task Characters_count_the_same_in_every_script(string character, int count, ChatRefusalReason? expected) =>
        Assert.Equal(expected, await CheckAsync(string.Concat(Enumerable.Repeat(character, count))));

    [Fact]
    public async Task A_pile_of_accents_is_not_one_character() => Assert.Equal(ChatRefusalReason.TooLong, await CheckAsync("a" + new string('\u0301', 500)));

    [Theory]
    [InlineData("👩‍👩‍👧‍👦 family")]
    [InlineData("שלום")]
    [InlineData("?")]
    [InlineData("नमस्ते")]
    public async Task Every_script_may_be_written(string text) => Assert.Null(await CheckAsync(text));

    private static async Task<ChatRefusalReason?> CheckAsync(string text) =>
        (await new PlainTextRule(new ChatOptions()).CheckAsync(new ChatDraft(ChatSandbox.Lobby, ChatSandbox.Ada, text), CancellationToken.None))?.Reason;
}
