namespace Shop.Redis.Live;

/// <summary>
/// The truth behind a durable log, implemented by the application on its database. It is asked at every join, when the stream
/// has a hole, and every <see cref="LiveLogOptions{T}.RecheckInterval"/>.
/// </summary>
/// <typeparam name="T">The items of the log.</typeparam>
public interface ILiveHistory<T>
{
    /// <summary>
    /// The items after <paramref name="after"/>, ascending and without gaps, up to the last that is committed. An empty answer
    /// means that there is nothing newer. It may read in pages; the reader stops when it has what it needs.
    /// An exception is logged and the question is asked again, with a growing pause: the reader goes on when it is answered.
    /// </summary>
    /// <param name="log">The log's name.</param>
    /// <param name="after">0 for all.</param>
    /// <param name="ct">Cancelled when the reader leaves.</param>
    IAsyncEnumerable<(long Sequence, T Value)> ReadAsync(string log, long after, CancellationToken ct);
}
