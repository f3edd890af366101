using System.Text.Json.Serialization.Metadata;

namespace Shop.Redis.Live;

/// <summary>Settings of a <see cref="LiveLog{T}"/>; the defaults suit feeds, chats and statuses with items of a few hundred bytes.</summary>
/// <typeparam name="T">The items of the log.</typeparam>
public sealed class LiveLogOptions<T>
{
    /// <summary>How an item becomes UTF-8 JSON: from a source-generated <c>JsonSerializerContext</c>.</summary>
    public required JsonTypeInfo<T> Json { get; init; }

    /// <summary>
    /// How many items the stream keeps, roughly: Redis trims whole nodes of 100 (MAXLEN ~). Default 1000. In a durable log older
    /// ones come from the history; in a momentary one they are gone. At least 1.
    /// </summary>
    public int MaxLength { get; init; } = 1000;

    /// <summary>
    /// How long a log is kept after its last append. Default 24 h. A durable log is then served by its history; a momentary one is
    /// forgotten, except while somebody reads it. At least 1 s, and more than twice <see cref="RecheckInterval"/>, by which readers keep a momentary log alive.
    /// </summary>
    public TimeSpan Expiry { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How many items wait in memory for a slow reader. Default 256. Beyond it the reader is refilled from the stream, which costs
    /// a read and loses nothing (in a momentary log: while the stream still has them). At least 1.
    /// </summary>
    public int BufferSize { get; init; } = 256;

    /// <summary>How many entries one XRANGE reads. Default 200. At least 2.</summary>
    public int PageSize { get; init; } = 200;

    /// <summary>
    /// How often each process looks, per log that is being read, for items whose append or push was lost with nothing after them:
    /// in the history (durable) or the stream (momentary). Default 30 s, ± 20 %. This bounds the delay of an item whose writer died between commit and
    /// append; halving it doubles the queries. At least 10 ms.
    /// </summary>
    public TimeSpan RecheckInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether each delivery gets a consumer span <c>receive live</c> in the trace of its append. Default true.</summary>
    public bool TraceDeliveries { get; init; } = true;

    /// <summary>Throws when a setting is out of range; <see cref="LiveLog{T}"/> calls it.</summary>
    /// <exception cref="ArgumentException">The message names the setting and its value.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Json);
        if (MaxLength < 1 || BufferSize < 1 || PageSize < 2)
            throw new ArgumentException(FormattableString.Invariant($"{nameof(MaxLength)} is {MaxLength}, {nameof(BufferSize)} {BufferSize}, {nameof(PageSize)} {PageSize}: at least 1, 1 and 2."));
        if (RecheckInterval < TimeSpan.FromMilliseconds(10))
            throw new ArgumentException($"{nameof(RecheckInterval)} is {RecheckInterval}: at least 10 ms.");
        if (Expiry < TimeSpan.FromSeconds(1) || Expiry <= 2 * RecheckInterval)
            throw new ArgumentException($"{nameof(Expiry)} is {Expiry} and {nameof(RecheckInterval)} {RecheckInterval}: a log is kept for at least 1 s, and for more than two re-checks.");
    }
}
