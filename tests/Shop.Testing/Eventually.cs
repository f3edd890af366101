namespace Shop.Testing;

/// <summary>Waits for a state that has no event to wait for; on a time-out it says what never came.</summary>
public static class Eventually
{
    /// <summary>Evaluates <paramref name="probe"/> until <paramref name="accept"/> holds, and answers the accepted value.</summary>
    public static async Task<T> BecomesAsync<T>(Func<Task<T>> probe, Func<T, bool> accept, string what, TimeSpan? within = null)
    {
        var patience = within ?? TimeSpan.FromSeconds(20);
        var started = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            var value = await probe();
            if (accept(value))
                return value;
            if (TimeProvider.System.GetElapsedTime(started) > patience)
                throw new TimeoutException($"Never came within {patience.TotalSeconds:0.#} s: {what}. Last seen: {value}");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Evaluates <paramref name="probe"/> until it is true.</summary>
    public static Task TrueAsync(Func<Task<bool>> probe, string what, TimeSpan? within = null) =>
        BecomesAsync(probe, static value => value, what, within);
}
