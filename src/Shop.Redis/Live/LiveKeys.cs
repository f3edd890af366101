using StackExchange.Redis;

namespace Shop.Redis.Live;

/// <summary>
/// The names of one log.
/// <list type="table">
/// <item><term><c>…live:{log}</c></term><description>STREAM of <c>data</c> (JSON) and <c>traceparent</c>. Ids are <c>sequence-0</c> in a durable log and <c>epoch-sequence</c> in a momentary one, so that the log and its epoch are lost together or not at all. Expires <see cref="LiveLogOptions{T}.Expiry"/> after the last append. Its loss costs a durable log reads of its history, and a momentary one its items.</description></item>
/// <item><term><c>…live:{log}:push</c></term><description>Pub/Sub channel that carries every item, no key. A lost message costs one re-check interval.</description></item>
/// </list>
/// </summary>
internal sealed class LiveKeys(string keyPrefix)
{
    private const int LongestName = 200;

    private readonly string _prefix = keyPrefix ?? throw new ArgumentNullException(nameof(keyPrefix));

    public RedisKey Stream(string log) => $"{_prefix}live:{{{log}}}";

    public string Channel(string log) => $"{_prefix}live:{{{log}}}:push";

    /// <summary>A log's name may come from a request: nothing in it may reach another log's keys.</summary>
    public static void Validate(string log)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(log);
        if (log.Length > LongestName)
            throw new ArgumentException(FormattableString.Invariant($"The name of a log has {log.Length} characters: at most {LongestName}."), nameof(log));
        if (log.Any(static c => c is '{' or '}' || char.IsControl(c) || char.IsWhiteSpace(c)))
            throw new ArgumentException($"The log's name '{log}' must not contain braces (they mark the hash tag), white space or control characters.", nameof(log));
    }
}
