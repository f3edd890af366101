namespace Shop.Messaging.Relaying;

/// <summary>The positions of the latest rows that this process has seen Redis confirm, in the present epoch: bounded, and forgetting only costs a look into the table.</summary>
internal sealed class ConfirmedRows(int capacity = 32768)
{
    private readonly HashSet<long> _positions = [];
    private readonly Queue<long> _oldestFirst = new();

    public bool Contains(long position) => _positions.Contains(position);

    public void Add(List<PublishedRow> rows)
    {
        foreach (var row in rows)
        {
            if (!_positions.Add(row.Position))
                continue;

            _oldestFirst.Enqueue(row.Position);
            if (_oldestFirst.Count > capacity)
                _positions.Remove(_oldestFirst.Dequeue());
        }
    }

    public void Clear()
    {
        _positions.Clear();
        _oldestFirst.Clear();
    }
}
