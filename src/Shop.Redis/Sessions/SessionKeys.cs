using StackExchange.Redis;

namespace Shop.Redis.Sessions;

/// <summary>
/// The one key of a session. Its hash tag is the hash of the secret, so sessions spread over a cluster and a script needs one node.
/// <list type="table">
/// <item><term><c>…session:{hash}</c></term><description>
/// HASH in one of three states. Living: <c>version</c>, <c>data</c> (JSON), <c>seen</c> (ms); expires <see cref="SessionOptions.CacheLifetime"/> after it was filled.
/// Being filled: <c>lease</c>, who reads the vault; expires after <see cref="LeaseTime"/>. Ended: <c>ended</c>, the tombstone; expires as a living one does
/// (after <see cref="LeaseTime"/> when nobody ended it, but the vault does not know it). Its loss costs one read of the vault.
/// </description></item>
/// </list>
/// There is no index of a user's sessions here: the list must be complete after a wipe and could not share a slot with the sessions.
/// </summary>
internal sealed class SessionKeys(string keyPrefix)
{
    /// <summary>How long one may take to read the vault and still fill Redis. Whoever comes meanwhile reads the vault too, and waits for nobody.</summary>
    public static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(10);

    private readonly string _prefix = $"{keyPrefix ?? throw new ArgumentNullException(nameof(keyPrefix))}session:{{";

    public RedisKey Of(SessionHash hash) => $"{_prefix}{hash}}}";
}
