using System.Diagnostics;
using System.Globalization;

namespace Shop.Benchmarks.Harness;

/// <summary>One line on the error stream: scenario, round, side, and the time left, judged by the measurements so far. Rewritten in place on a terminal.</summary>
internal sealed class Progress(int measurements)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private int _done;

    public void Show(string scenario, string what)
    {
        var left = _done == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {Stopwatch.GetElapsedTime(_started) / _done * (measurements - _done):h\\:mm\\:ss} left");
        var line = $"[{_done + 1}/{measurements}] {scenario}: {what}{left}";
        if (Console.IsErrorRedirected)
            Console.Error.WriteLine(line);
        else
            Console.Error.Write($"\r{line}\u001b[K");
    }

    public void Measured() => _done++;

    /// <summary>Makes room for a result.</summary>
    public static void Clear()
    {
        if (!Console.IsErrorRedirected)
            Console.Error.Write("\r\u001b[K");
    }
}
