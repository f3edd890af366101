using Shop.Contracts;
using Shop.Contracts.Chat;
using Shop.Redis.Live;
using StackExchange.Redis;

namespace Shop.Notifications.Chat;

/// <summary>
/// Puts what is committed on the room's live log. A failure is no loss: readers find the item in Postgres, at the latest with the
/// log's next re-check; so nobody waits long for it.
/// </summary>
public sealed partial class ChatBroadcast(LiveLog<ChatItem> live, TimeProvider clock, ILogger<ChatBroadcast> logger)
{
    /// <summary>How long an author waits for a Redis that does not answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Appends a message, or a removal, which takes the text of its message out of the stream in the same step.</summary>
    public async Task SendAsync(string room, ChatItem item)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        try
        {
            await (item.Removes is { } removed
                ? live.RetractAsync(LiveLogs.Chat(room), removed, item.Sequence, item, patience.Token)
                : live.AppendAsync(LiveLogs.Chat(room), item.Sequence, item, patience.Token));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or OperationCanceledException)
        {
            ChatTelemetry.CountNotSent(room);
            LogNotSent(logger, item.Sequence, room, exception.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Item {Sequence} of the chat room {Room} was not sent live ({Error}); readers get it from the history")]
    private static partial void LogNotSent(ILogger logger, long sequence, string room, string error);
}
