using System.Collections.Concurrent;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>The output of every process of a run: a file for each, and an event for the console.</summary>
internal sealed class LogBook(string folder) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<StreamWriter>> _files = new(StringComparer.Ordinal);

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

        Line?.Invoke(process, line);
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

    public string LastLines(string process, int count) => string.Join('\n', Read(process).TrimEnd().Split('\n').TakeLast(count));

    public ValueTask DisposeAsync()
    {
        foreach (var file in _files.Values)
        {
            lock (file.Value)
                file.Value.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private StreamWriter Open(string process) =>
        new(new FileStream(PathOf(process), FileMode.Create, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };

    private string PathOf(string process) => Path.Combine(folder, $"{process}.log");
}
