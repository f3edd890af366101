namespace Shop.Archiving.Auditing;

/// <summary>The events of one window that Kafka has. An event that it has several times counts once, since the archive is at least once.</summary>
internal sealed class ArchivedEvents(DateTimeOffset from, DateTimeOffset to)
{
    private readonly HashSet<long> _hashes = [];
    private long _xor;

    public Checksum Checksum => new(_hashes.Count, _xor);

    public bool Has(long hash) => _hashes.Contains(hash);

    public void Add(in ArchivedEvent archived)
    {
        if (archived.Time >= from && archived.Time < to && _hashes.Add(archived.Hash))
            _xor ^= archived.Hash;
    }
}
