using Microsoft.Extensions.Time.Testing;
using Shop.EmbeddedHosting.Engine;

namespace Shop.SystemTests.Hosting;

public sealed class RestartBackOffTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void The_first_restart_is_immediate_and_each_further_one_waits_twice_as_long_up_to_half_a_minute()
    {
        var backOff = new RestartBackOff(_clock);

        Assert.Equal([0, 1, 2, 4, 8, 16, 30, 30], Enumerable.Range(0, 8).Select(_ => backOff.Crashed().TotalSeconds));
    }

    [Fact]
    public void A_process_that_ran_well_for_five_seconds_starts_from_the_beginning()
    {
        var backOff = new RestartBackOff(_clock);
        backOff.Crashed();
        backOff.Crashed();

        backOff.Healthy();
        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(TimeSpan.Zero, backOff.Crashed());
    }

    [Fact]
    public void One_that_was_healthy_only_for_a_moment_does_not()
    {
        var backOff = new RestartBackOff(_clock);
        backOff.Crashed();

        backOff.Healthy();
        _clock.Advance(TimeSpan.FromSeconds(4.9));

        Assert.Equal(TimeSpan.FromSeconds(1), backOff.Crashed());
    }
}
