using System.Diagnostics;
using Shop.Benchmarks.Harness;

namespace Shop.Benchmarks.Scenarios;

/// <summary>
/// Waves: 32 callers ask for one lock at once, each gives it up as soon as it has it, and the next wave begins when all have had it.
/// So every operation is a hand-over to somebody who waits; a library in which the last holder snatches the lock again gains nothing.
/// </summary>
internal sealed class LockContended : Scenario
{
    private const int Waiters = 32;

    public override string Name => "lock-contended";

    public override string Measures => "Hand one lock from waiter to waiter; 32 ask at once and each gets it once, then again. Latency is the wait.";

    public override int Order => 61;

    public override IReadOnlyList<Target> Targets => [Target.Ratio(5, "Shop.Redis", "DistributedLock.Redis", "RedLock.net")];

    public override IReadOnlyList<Side> CreateSides() => [new Crowd(new OurLocks()), new Crowd(new MedallionLocks()), new Crowd(new RedLocks())];

    private sealed class Crowd(ILocks locks) : LockSide(locks)
    {
        private int _inside;

        public override async Task RunAsync(Measurement measurement)
        {
            measurement.Begin();
            while (!measurement.IsOver)
                await Task.WhenAll(Enumerable.Range(0, Waiters).Select(_ => Task.Run(() => TakeATurnAsync(measurement))));
            measurement.End();
        }

        private async Task TakeATurnAsync(Measurement measurement)
        {
            var started = Stopwatch.GetTimestamp();
            await using var held = await Locks.AcquireAsync("stock:MUG-RD");
            measurement.Done(started);
            if (Interlocked.Increment(ref _inside) != 1)
                throw new InvalidOperationException($"{Name} let two in at once.");
            Interlocked.Decrement(ref _inside);
        }
    }
}
