using StackExchange.Redis;

namespace Shop.Redis.Locks;

/// <summary>
/// The keys of one lock. All carry the hash tag <c>{resource}</c>, so that a script finds them on one node of a cluster.
/// <list type="table">
/// <item><term><c>…lock:{resource}</c></term><description>STRING <c>token since owner</c>; expires with the ttl. Its loss frees the lock while its holder still works, until the next renewal tells the holder (a third of the ttl): the fencing token makes that harmless.</description></item>
/// <item><term><c>…lock:{resource}:token</c></term><description>STRING, the last token; expires <see cref="LockOptions.TokenMemory"/> after the lock. Its loss matters only if Redis's clock is set back as well.</description></item>
/// <item><term><c>…lock:{resource}:queue</c></term><description>ZSET of waiters by ticket; expires when no waiter shows life. Its loss costs the order of those who wait now: they queue again within a second.</description></item>
/// <item><term><c>…lock:{resource}:waiters</c></term><description>HASH, until when each waiter counts as alive; expires and is lost with the queue.</description></item>
/// <item><term><c>…lock-wake:instance</c></term><description>Pub/Sub channel of one <see cref="RedisLocks"/>, no key. A lost message costs a waiter one poll.</description></item>
/// </list>
/// </summary>
internal sealed class LockKeys
{
    private readonly string _prefix;
    private readonly string _globPrefix;

    public LockKeys(string keyPrefix)
    {
        _prefix = $"{keyPrefix}lock:{{";
        _globPrefix = string.Concat(_prefix.Select(static c => c is '*' or '?' or '[' or ']' or '\\' or '^' ? $"\\{c}" : c.ToString()));
        Channels = $"{keyPrefix}lock-wake:";
    }

    /// <summary>What the name of every wake-up channel begins with; the instance's name follows.</summary>
    public string Channels { get; }

    /// <summary>A pattern for SCAN that finds the locks and none of their other keys.</summary>
    public string Pattern => $"{_globPrefix}*}}";

    public static void Validate(string resource)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(resource);
        if (resource[0] == '}')
            throw new ArgumentException($"The resource '{resource}' begins with '}}', which leaves its keys without a hash tag.", nameof(resource));
    }

    /// <summary>Lock, token, queue, waiters: in the order in which the scripts want them.</summary>
    public RedisKey[] Of(string resource)
    {
        var name = $"{_prefix}{resource}}}";
        return [name, $"{name}:token", $"{name}:queue", $"{name}:waiters"];
    }

    /// <summary>The resource of a lock's key.</summary>
    public string ResourceOf(string key) => key[_prefix.Length..^1];
}
