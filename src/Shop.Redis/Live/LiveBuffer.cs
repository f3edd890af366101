using System.Threading.Channels;

namespace Shop.Redis.Live;

/// <summary>
/// What was pushed and a reader has not taken yet. It never blocks the pump that all readers share: when it is full, the push is
/// dropped and the reader told to read the stream again.
/// </summary>
internal sealed class LiveBuffer<T>(int capacity, TimeProvider clock)
{
    private readonly Channel<LiveItem<T>?> _items = Channel.CreateBounded<LiveItem<T>?>(
        new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private int _overflowed;
    private int _interrupted;

    public void Push(LiveItem<T> item)
    {
        if (!_items.Writer.TryWrite(item))
            Volatile.Write(ref _overflowed, 1);
    }

    /// <summary>Pushes may have been missed, in a way that leaves no hole to see.</summary>
    public void Interrupt()
    {
        Volatile.Write(ref _interrupted, 1);
        Wake();
    }

    /// <summary>Lets the reader look around. When the buffer is full, it is awake.</summary>
    public void Wake() => _items.Writer.TryWrite(null);

    /// <summary>Whether <see cref="Interrupt"/> was called since the last time.</summary>
    public bool TakeInterruption() => Volatile.Read(ref _interrupted) == 1 && Interlocked.Exchange(ref _interrupted, 0) == 1;

    /// <summary>Whether a push was dropped since the last time.</summary>
    public bool TakeOverflow() => Volatile.Read(ref _overflowed) == 1 && Interlocked.Exchange(ref _overflowed, 0) == 1;

    /// <summary>The next push; false when there is none. Null is a wake-up without an item.</summary>
    public bool TryTake(out LiveItem<T>? item) => _items.Reader.TryRead(out item);

    /// <summary>Waits until something is there. Takes no token, so that a reader which waits again and again allocates nothing: <see cref="Wake"/> ends it.</summary>
    public ValueTask<bool> WaitAsync() => _items.Reader.WaitToReadAsync(CancellationToken.None);

    /// <summary>Waits until something is there, or until <paramref name="atMost"/> has passed.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        if (atMost <= TimeSpan.Zero)
            return;
        using var timer = new CancellationTokenSource(atMost, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, ct);
        try
        {
            await _items.Reader.WaitToReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // the time has passed
        }
    }
}
