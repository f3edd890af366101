using System.Collections.Concurrent;
using Shop.Dashboard.Protocol;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>The output of every process of a run: a file for each, and an event for the console.</summary>
internal sealed class LogBook(string folder) : IAsyncDisposable
{
    /// <summary>The newest lines of all processes that are kept in memory, for the dashboard.</summary>
    private const int Remembered = 10_000;

    private readonly ConcurrentDictionary<string, Lazy<StreamWriter>> _files = new(StringComparer.Ordinal);
    private readonly Queue<ConsoleLine> _newest = new();
    private long _last;

    /// <summary>Called for every line, with the name of the process; from several threads.</summary>
    public Action<string, string>? Line { get; set; }

    public void Write(string process, string line)
    {
        var writer = _files.GetOrAdd(process, name => new Lazy<StreamWriter>(() => Open(name))).Value;
        lock (writer)
        {
            if (writer.BaseStream.CanWrite) // a dying grandchild may still speak after the end
                writer.WriteLine(line);
        }

        Remember(process, line);
        Line?.Invoke(process, line);
    }

    /// <summary>The remembered lines after the one of this number, oldest first; those that have left the memory are skipped.</summary>
    public IReadOnlyList<ConsoleLine> After(long number, int limit)
    {
        lock (_newest)
            return number >= _last ? [] : [.. _newest.SkipWhile(line => line.Number <= number).Take(limit)];
    }

    /// <summary>What a process has printed since the run began, over all of its restarts.</summary>
    public string Read(string process)
    {
        if (!File.Exists(PathOf(process)))
            return "";
        using var reader = new StreamReader(new FileStream(PathOf(process), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    public IReadOnlyDictionary<string, string> ReadAll() => _files.Keys.Order(StringComparer.Ordinal).ToDictionary(static process => process, Read, StringComparer.Ordinal);

    /// <summary>Why a process ended, as far as it said: from its last unhandled exception on, or its last few lines.</summary>
    public string LastWords(string process)
    {
        var lines = Read(process).TrimEnd().Split('\n');
        var exception = Array.FindLastIndex(lines, static line => line.StartsWith("Unhandled exception", StringComparison.Ordinal));
        return string.Join('\n', exception < 0 ? lines.TakeLast(5) : lines.Skip(exception).Take(20));
    }

    public ValueTask DisposeAsync()
    {
        foreach (var file in _files.Values)
        {
            lock (file.Value)
                file.Value.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private void Remember(string process, string line)
    {
        lock (_newest)
        {
            if (_newest.Count == Remembered)
                _newest.Dequeue();
            _newest.Enqueue(new ConsoleLine(++_last, process, TimeProvider.System.GetUtcNow(), line));
        }
    }

    private StreamWriter Open(string process) =>
        new(new FileStream(PathOf(process), FileMode.Create, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };

    private string PathOf(string process) => Path.Combine(folder, $"{process}.log");
}
