using System.Text.Json;
using Shop.EmbeddedHosting.Processes;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>
/// The processes of a run, on disk, so that the next run can end what this one left behind when even the orphan guard was killed.
/// A process is ended only when its start time and command say that it is the one that was written down.
/// </summary>
internal sealed class ProcessLedger(string file)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Entry> _running = [];

    /// <summary>Writes down a process that has just been started.</summary>
    /// <param name="id">The process id.</param>
    /// <param name="mark">A part of its command line that tells it from others.</param>
    public void Add(int id, string mark)
    {
        if (ProcessIdentity.Of(id) is { } process)
            Change(running => running[id] = new Entry(id, process.StartTime, mark));
    }

    public void Remove(int id) => Change(running => running.Remove(id));

    /// <summary>Everything has ended in order: there is nothing to remember.</summary>
    public void Close() => File.Delete(file);

    /// <summary>Ends the processes that an earlier run wrote down and never took off the list.</summary>
    public async Task EndLeftoversAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
            return;

        foreach (var entry in JsonSerializer.Deserialize<List<Entry>>(await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false)) ?? [])
        {
            if (ProcessIdentity.Of(entry.Id) is { } process && process.StartTime == entry.StartTime && process.CommandLine.Contains(entry.Mark, StringComparison.Ordinal))
                await process.EndAsync(PosixSignals.Terminate, cancellationToken).ConfigureAwait(false);
        }

        File.Delete(file);
    }

    private void Change(Action<Dictionary<int, Entry>> change)
    {
        lock (_gate)
        {
            change(_running);
            var next = file + ".next";
            File.WriteAllText(next, JsonSerializer.Serialize(_running.Values));
            File.Move(next, file, overwrite: true);
        }
    }

    private sealed record Entry(int Id, long StartTime, string Mark);
}
