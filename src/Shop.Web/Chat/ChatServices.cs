using Shop.Contracts;
using Shop.Contracts.Chat;
using Shop.Web.Live;

namespace Shop.Web.Chat;

internal static class ChatServices
{
    public static IServiceCollection AddChat(this IServiceCollection services) => services
        .AddLiveLog<ChatItem, ChatHistory>(EventsJson.Default.ChatItem)
        .AddSingleton<ChatPresence>()
        .AddSingleton<ChatRooms>()
        .AddSingleton<ChatLive>();
}
