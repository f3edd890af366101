using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Shop.Web.Grains;

/// <summary>
/// Calls grains so that a dying silo is a delay and not an error. Every grain method of the contracts may be repeated, so a
/// call that a silo took down with it is made again, with a growing pause, until it works or five seconds have passed.
/// </summary>
public sealed class GrainCalls(IClusterClient cluster)
{
    /// <summary>No request waits longer for a grain.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromSeconds(5);

    private static readonly ResiliencePipeline Pipeline = new ResiliencePipelineBuilder()
        .AddTimeout(Budget)
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<Exception>(IsPassing),
            MaxRetryAttempts = int.MaxValue,
            Delay = TimeSpan.FromMilliseconds(50),
            MaxDelay = TimeSpan.FromMilliseconds(500),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
        })
        .Build();

    /// <summary>Calls <paramref name="call"/> on a grain, again if need be.</summary>
    /// <exception cref="TimeoutRejectedException">The budget is used up.</exception>
    public async Task<T> CallAsync<T>(Func<IGrainFactory, Task<T>> call, CancellationToken cancellationToken) =>
        await Pipeline.ExecuteAsync(
            static async (state, token) => await state.call(state.cluster).WaitAsync(token), (call, cluster), cancellationToken);

    /// <summary>Whether an error is of the cluster (a silo died, or is not found yet) and not of the grain's own code.</summary>
    public static bool IsPassing(Exception exception) =>
        exception is OrleansMessageRejectionException or SiloUnavailableException or ClientNotAvailableException or TimeoutException || IsWithoutSilo(exception);

    /// <summary>A service has no living silo at the moment: Orleans says that its grains' interface has no implementation, and has no type for that error.</summary>
    private static bool IsWithoutSilo(Exception exception) =>
        exception is ArgumentException { Source: "Orleans.Core" } && exception.Message.StartsWith("Could not find an implementation for interface", StringComparison.Ordinal);
}
