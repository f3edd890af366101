using StackExchange.Redis;

namespace Shop.Redis.Live;

/// <summary>
/// The names of one room.
/// <list type="table">
/// <item><term><c>…presence:{room}</c></term><description>ZSET of <c>connection user</c> by until when it counts (Redis's time, ms). Expires when nobody shows life. Its loss empties the room until the next renewals, a third of the time to live.</description></item>
/// <item><term><c>…presence:{room}:changed</c></term><description>Pub/Sub channel, no key. A lost message costs watchers a third of the time to live.</description></item>
/// </list>
/// </summary>
internal sealed class PresenceKeys(string keyPrefix)
{
    private readonly string _prefix = keyPrefix ?? throw new ArgumentNullException(nameof(keyPrefix));

    public RedisKey Room(string room) => $"{_prefix}presence:{{{room}}}";

    public string Channel(string room) => $"{_prefix}presence:{{{room}}}:changed";
}
