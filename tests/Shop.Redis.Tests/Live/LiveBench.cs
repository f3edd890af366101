using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Shop.Redis.Live;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Live;

/// <summary>What the tests append.</summary>
public sealed record Note(long Number, string Text);

[JsonSerializable(typeof(Note))]
internal sealed partial class NoteJson : JsonSerializerContext;

/// <summary>A history in memory, as a database would be: what was committed, in order.</summary>
internal sealed class Ledger : ILiveHistory<Note>
{
    private readonly List<Note> _notes = [];
    private int _reads;

    /// <summary>How often it was asked.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>How many items are committed.</summary>
    public int Commits
    {
        get
        {
            lock (_notes)
                return _notes.Count;
        }
    }

    /// <summary>Thrown instead of an answer, while set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Commits the next item.</summary>
    public Note Commit(string? text = null)
    {
        lock (_notes)
        {
            var note = new Note(_notes.Count + 1, text ?? $"note {_notes.Count + 1}");
            _notes.Add(note);
            return note;
        }
    }

    /// <summary>Changes what an item says.</summary>
    public void Rewrite(long number, string text)
    {
        lock (_notes)
            _notes[(int)number - 1] = new Note(number, text);
    }

    public async IAsyncEnumerable<(long Sequence, Note Value)> ReadAsync(string log, long after, [EnumeratorCancellation] CancellationToken ct)
    {
        Interlocked.Increment(ref _reads);
        if (Failure is { } failure)
            throw failure;
        Note[] notes;
        lock (_notes)
            notes = [.. _notes.Skip((int)after)];
        await Task.Yield();
        foreach (var note in notes)
        {
            ct.ThrowIfCancellationRequested();
            yield return (note.Number, note);
        }
    }
}

/// <summary>Reads a log in the background and keeps what it got.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<LiveItem<Note>> _items = [];
    private readonly Task _reading;

    public Listener(LiveLog<Note> log, string name, LiveCursor after = default, Func<LiveItem<Note>, Task>? slow = null)
    {
        Start = after;
        _reading = Task.Run(async () =>
        {
            await foreach (var item in log.ReadAsync(name, after, _stop.Token))
            {
                _items.Enqueue(item);
                if (slow is not null)
                    await slow(item);
            }
        });
    }

    public LiveCursor Start { get; }

    public IReadOnlyList<LiveItem<Note>> Items => [.. _items];

    /// <summary>Ends when the reading does; with its exception.</summary>
    public Task Reading => _reading;

    /// <summary>Waits until the item with this number has come, and checks that all before it came once and in order.</summary>
    public async Task HasAllUntilAsync(long number)
    {
        await Eventually.TrueAsync(() => Task.FromResult(_reading.IsCompleted || (!_items.IsEmpty && _items.Last().Cursor.Sequence >= number)), $"item {number} at a reader that has {_items.LastOrDefault()?.Cursor}");
        if (_reading.IsCompleted)
            await _reading;
        Check(number);
    }

    /// <summary>Checks that what came is gapless and unrepeated, up to exactly <paramref name="number"/>.</summary>
    public void Check(long number)
    {
        var expected = Enumerable.Range((int)Start.Sequence + 1, (int)(number - Start.Sequence)).Select(static n => (long)n);
        Assert.Equal(expected, _items.Select(static item => item.Cursor.Sequence));
        Assert.All(_items, static item => Assert.Equal(item.Cursor.Sequence, item.Value.Number));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // How it ended is for the test to look at, in Reading.
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }
}

internal static class LiveBench
{
    public static LiveLogOptions<Note> Options(int maxLength = 1000, int buffer = 256, int page = 200, TimeSpan? recheck = null) => new()
    {
        Json = NoteJson.Default.Note,
        MaxLength = maxLength,
        BufferSize = buffer,
        PageSize = page,
        RecheckInterval = recheck ?? TimeSpan.FromMinutes(10),
    };
}
