using System.Diagnostics;
using System.Globalization;

namespace Shop.Benchmarks.Harness;

/// <summary>One line on the error stream: scenario, round, side, and the time left, judged by what the measurements so far took beyond their length. Rewritten in place on a terminal.</summary>
/// <param name="measurements">How many there will be.</param>
/// <param name="length">How long they are to be, together.</param>
internal sealed class Progress(int measurements, TimeSpan length)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private int _done;
    private TimeSpan _measured;

    public void Show(string scenario, string what)
    {
        var left = _done == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {Stopwatch.GetElapsedTime(_started) / _measured * (length - _measured):h\\:mm\\:ss} left");
        var line = $"[{_done + 1}/{measurements}] {scenario}: {what}{left}";
        if (Console.IsErrorRedirected)
            Console.Error.WriteLine(line);
        else
            Console.Error.Write($"\r{line}\u001b[K");
    }

    public void Measured(TimeSpan duration)
    {
        _done++;
        _measured += duration;
    }

    /// <summary>Makes room for a result.</summary>
    public static void Clear()
    {
        if (!Console.IsErrorRedirected)
            Console.Error.Write("\r\u001b[K");
    }
}
