using Shop.Benchmarks.Harness;

namespace Shop.Benchmarks.Scenarios;

internal sealed class LockUncontended : Scenario
{
    public override string Name => "lock-uncontended";

    public override string Measures => "Acquire and release a lock that is free; one caller, a lock of its own each time.";

    public override int Order => 60;

    public override IReadOnlyList<Target> Targets => [Target.Ratio(1, "Shop.Redis", "DistributedLock.Redis", "RedLock.net")];

    public override IReadOnlyList<Side> CreateSides() => [new Alone(new OurLocks()), new Alone(new MedallionLocks()), new Alone(new RedLocks())];

    private sealed class Alone(ILocks locks) : LockSide(locks)
    {
        private long _number;

        public override Task RunAsync(Measurement measurement) =>
            measurement.ClosedLoopAsync(callers: 1, async _ => await (await Locks.TryAcquireAsync($"payment:{++_number}")).DisposeAsync());
    }
}
