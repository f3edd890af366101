namespace Shop.Redis.Streams;

/// <summary>How a <see cref="StreamProducer"/> appends.</summary>
public sealed class StreamProducerOptions
{
    /// <summary>Partitions of every stream; a message goes to the one that its key hashes to. Producers and consumers of a stream agree on it. Only 1 (the default) is served today; key names already carry the partition.</summary>
    public int Partitions { get; init; } = 1;

    internal void Validate()
    {
        if (Partitions != 1)
            throw new ArgumentOutOfRangeException(nameof(Partitions), Partitions, $"{nameof(Partitions)} is {Partitions}; only 1 is served today.");
    }
}
