using Shop.Contracts;
using Shop.Contracts.Chat;
using Shop.Notifications.Chat.Moderation;
using Shop.Redis.Live;
using Shop.Redis.RateLimiting;
using StackExchange.Redis;

namespace Shop.Notifications.Chat;

/// <summary>Registers the chat. A further rule is registered as a further <see cref="IChatRule"/>.</summary>
internal static class ChatServices
{
    public static IServiceCollection AddChat(this IServiceCollection services, ChatOptions options, string keyPrefix) => services
        .AddSingleton(options)
        .AddSingleton(provider => new LiveLog<ChatItem>(
            provider.GetRequiredService<IConnectionMultiplexer>(), keyPrefix, new LiveLogOptions<ChatItem> { Json = EventsJson.Default.ChatItem }))
        .AddSingleton(provider => new RedisRateLimits(
            provider.GetRequiredService<IConnectionMultiplexer>(), keyPrefix, clock: provider.GetRequiredService<TimeProvider>(), logger: provider.GetRequiredService<ILogger<RedisRateLimits>>()))
        .AddSingleton<IChatRule, PlainTextRule>()
        .AddSingleton<IChatRule, BlockedWordsRule>()
        .AddSingleton<IChatRule, RateRule>() // the last: what is refused otherwise does not count
        .AddSingleton<ChatModeration>()
        .AddSingleton<ChatStore>()
        .AddSingleton<ChatRemovals>()
        .AddSingleton<ChatReader>()
        .AddSingleton<ChatBroadcast>()
        .AddSingleton<ChatWriter>();
}
