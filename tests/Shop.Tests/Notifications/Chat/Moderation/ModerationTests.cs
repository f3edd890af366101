using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Shop.Contracts.Chat;
using Shop.Notifications.Chat;
using Shop.Notifications.Chat.Moderation;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Notifications.Chat.Moderation;

public sealed class ModerationTests(Servers servers)
{
    [Fact]
    public async Task What_is_refused_for_its_text_does_not_count_as_writing_fast()
    {
        var moderation = Create(new ChatOptions { BlockedWords = ["scam"], Burst = 1, Interval = TimeSpan.FromHours(1) });
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(ChatRefusalReason.BlockedWord, (await CheckAsync(moderation, "scam"))!.Reason);
            Assert.Equal(ChatRefusalReason.Empty, (await CheckAsync(moderation, ""))!.Reason);
        }

        Assert.Null(await CheckAsync(moderation, "hello"));
        Assert.Equal(ChatRefusalReason.TooFast, (await CheckAsync(moderation, "hello"))!.Reason);
    }

    [Fact]
    public async Task A_further_rule_has_its_say()
    {
        var moderation = Create(new ChatOptions(), static services => services.AddSingleton<IChatRule, NoShouting>());

        Assert.Equal("Not so loud.", (await CheckAsync(moderation, "HELLO"))!.Detail);
        Assert.Null(await CheckAsync(moderation, "hello"));
    }

    [Fact]
    public void Without_configuration_there_are_rooms_and_rules()
    {
        var options = ChatOptions.From(new ConfigurationBuilder().Build());

        Assert.True(options.HasRoom("lobby"));
        Assert.NotEmpty(options.BlockedWords);
    }

    [Fact]
    public void What_is_configured_replaces_the_defaults()
    {
        var options = ChatOptions.From(Configuration(
            ("Rooms:0:Name", "den"), ("Rooms:0:Title", "The den"), ("BlockedWords:0", "darn"), ("MaxLength", "100"), ("Burst", "2"), ("Interval", "00:00:05")));

        Assert.Equal([new ChatRoomInfo("den", "The den")], options.Rooms);
        Assert.Equal(["darn"], options.BlockedWords);
        Assert.Equal((100, 2, TimeSpan.FromSeconds(5)), (options.MaxLength, options.Burst, options.Interval));
    }

    [Theory]
    [InlineData("BlockedWords:0", "!?", "'!?'")]
    [InlineData("MaxLength", "0", "MaxLength is 0")]
    [InlineData("MaxLength", "4001", "MaxLength is 4001")]
    [InlineData("Burst", "0", "Burst is 0")]
    [InlineData("Burst", "1000001", "Burst is 1000001")]
    [InlineData("Interval", "00:00:00", "Interval is 00:00:00")]
    [InlineData("Interval", "01:00:01", "Interval is 01:00:01")]
    public void A_setting_that_cannot_work_is_named_with_its_value(string key, string value, string expected)
    {
        var refused = Assert.Throws<ArgumentException>(() => ChatOptions.From(Configuration((key, value))));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("The Den", "den")]
    [InlineData("den", "")]
    [InlineData("den", "den")]
    public void Rooms_have_names_that_can_be_addressed_and_differ(string first, string second) => Assert.Throws<ArgumentException>(() => ChatOptions.From(
        Configuration(("Rooms:0:Name", first), ("Rooms:0:Title", "x"), ("Rooms:1:Name", second), ("Rooms:1:Title", "y"))));

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(static pair => pair.Key, static pair => (string?)pair.Value)).Build();

    private ChatModeration Create(ChatOptions options, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddSingleton(servers.Redis.Connection).AddChat(options, RedisFixture.NewPrefix());
        more?.Invoke(services);
        return services.BuildServiceProvider().GetRequiredService<ChatModeration>();
    }

    private static async Task<ChatRefusal?> CheckAsync(ChatModeration moderation, string text) =>
        await moderation.CheckAsync(new ChatDraft(ChatSandbox.Lobby, ChatSandbox.Ada, text), CancellationToken.None);

    private sealed class NoShouting : IChatRule
    {
        public ValueTask<ChatRefusal?> CheckAsync(ChatDraft draft, CancellationToken cancellationToken) => ValueTask.FromResult(
            draft.Text.All(char.IsAsciiLetterUpper) ? new ChatRefusal(ChatRefusalReason.BlockedWord, "Not so loud.") : null);
    }
}
