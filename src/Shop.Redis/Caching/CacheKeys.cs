using StackExchange.Redis;

namespace Shop.Redis.Caching;

/// <summary>
/// The names of the cache.
/// <list type="table">
/// <item><term><c>…cache:{key}</c></term><description>HASH of <c>stamp</c> (the generations under which it was loaded) and <c>data</c>. Expires with the entry. Its loss costs one load.</description></item>
/// <item><term><c>…cache:{key}:load</c></term><description>HASH of who loads (<c>id</c>, <c>stamp</c>) and whether others wait for it; expires after <see cref="CacheOptions.LoadLease"/>. Its loss costs a second load.</description></item>
/// <item><term><c>…cache:{key}:gen</c></term><description>STRING, the key's generation: 16 random characters, and which invalidation made it. Expires <see cref="GenerationExpiry"/> after it was last asked for. When it is lost, a fresh one takes its place: a load, and never an old value.</description></item>
/// <item><term><c>…cache-tag:{tag}:gen</c></term><description>STRING, as above, for a tag; the tag <c>*</c> is on everything.</description></item>
/// <item><term><c>…cache-news</c></term><description>Pub/Sub channel, no key: <c>k</c> and a key, <c>t</c> and a tag that was invalidated; <c>f</c> and an entry that others waited for. A lost message is found at the next re-check.</description></item>
/// </list>
/// </summary>
internal sealed class CacheKeys(string keyPrefix)
{
    public static readonly TimeSpan GenerationExpiry = TimeSpan.FromDays(1);

    /// <summary>The tag that every entry has.</summary>
    public const string Everything = "*";

    private const int LongestName = 500;

    private readonly string _prefix = keyPrefix ?? throw new ArgumentNullException(nameof(keyPrefix));

    public string News => $"{_prefix}cache-news";

    public RedisKey Entry(string key) => $"{_prefix}cache:{{{key}}}";

    public RedisKey Load(string key) => $"{_prefix}cache:{{{key}}}:load";

    /// <param name="name">See <see cref="CacheName"/>.</param>
    public RedisKey Generation(string name) => CacheName.IsTag(name) ? $"{_prefix}cache-tag:{{{name[1..]}}}:gen" : $"{_prefix}cache:{{{name[1..]}}}:gen";

    public static void Validate(string name, string what)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name, what);
        if (name.Length > LongestName)
            throw new ArgumentException(FormattableString.Invariant($"The {what} has {name.Length} characters: at most {LongestName}. Hash what is longer."), what);
        if (name.Any(static c => c is '{' or '}' || char.IsControl(c)))
            throw new ArgumentException($"The {what} '{name}' must not contain braces (they mark the hash tag) or control characters.", what);
    }
}

/// <summary>A key or a tag in one word: <c>k</c> or <c>t</c>, and its name. Both have a generation.</summary>
internal static class CacheName
{
    public const string Everything = $"t{CacheKeys.Everything}";

    public static string OfKey(string key) => $"k{key}";

    public static string OfTag(string tag) => $"t{tag}";

    public static bool IsTag(string name) => name[0] == 't';
}
