using System.Diagnostics;

namespace Shop.Benchmarks.Harness;

/// <summary>The two ways to make load.</summary>
internal static class Loops
{
    /// <summary>So many callers, each of which sends its next call when the last was answered. Latency is the caller's wait.</summary>
    /// <param name="callers">Calls under way at once.</param>
    /// <param name="call">Does one call; its argument is the caller's number, from 0.</param>
    /// <param name="operations">How many operations a call stands for.</param>
    public static async Task ClosedLoopAsync(this Measurement measurement, int callers, Func<int, Task> call, int operations = 1)
    {
        measurement.Begin();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            while (!measurement.IsOver)
            {
                var started = Stopwatch.GetTimestamp();
                await call(caller);
                measurement.Latencies.Record(Stopwatch.GetElapsedTime(started));
                measurement.Count(operations);
            }
        })));
        measurement.End();
    }

    /// <summary>
    /// Calls come at a fixed rate, whether or not earlier ones were answered, and latency counts from the moment at which a call was
    /// to be sent: a stall is felt by all that it delays (no coordinated omission). The sender wakes each millisecond and sends what
    /// is due, which is part of the latency. Ends when all are answered.
    /// </summary>
    /// <param name="perSecond">Calls a second.</param>
    /// <param name="call">Does one call; its argument is the call's number, from 0. When its task ends the operation is done.</param>
    public static async Task OpenLoopAsync(this Measurement measurement, double perSecond, Func<long, Task> call)
    {
        var ticksBetween = Stopwatch.Frequency / perSecond;
        var calls = (long)(perSecond * measurement.Duration.TotalSeconds);
        var unanswered = calls;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));

        measurement.Begin();
        var start = Stopwatch.GetTimestamp();
        for (long sent = 0; sent < calls && !all.Task.IsFaulted;)
        {
            while (sent < calls && Due(sent) <= Stopwatch.GetTimestamp())
            {
                var number = sent++;
                _ = Task.Run(() => CallAsync(number));
            }

            await timer.WaitForNextTickAsync(measurement.Cancelled);
        }

        await all.Task.WaitAsync(measurement.Cancelled);
        measurement.End();

        long Due(long number) => start + (long)(number * ticksBetween);

        async Task CallAsync(long number)
        {
            try
            {
                await call(number);
                measurement.Done(Due(number));
            }
            catch (Exception exception)
            {
                all.TrySetException(exception);
            }

            if (Interlocked.Decrement(ref unanswered) == 0)
                all.TrySetResult();
        }
    }
}
