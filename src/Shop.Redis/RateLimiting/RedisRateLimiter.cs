using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Threading.RateLimiting;

namespace Shop.Redis.RateLimiting;

/// <summary>
/// A <see cref="RateLimiter"/> whose permits are in Redis: ASP.NET Core's middleware, Polly and <see cref="PartitionedRateLimiter"/> host it. It never queues:
/// a call is decided at once, in one round trip.
/// </summary>
/// <remarks>Thread-safe. Holds no state but statistics, so that any number may stand for the same limits.</remarks>
public sealed class RedisRateLimiter : RateLimiter
{
    private readonly RedisRateLimits _limits;
    private readonly RateLimitCall _call;
    private long _lastUsed;
    private long _available;
    private long _granted;
    private long _rejected;
    private int _deciding;
    private volatile bool _disposed;

    internal RedisRateLimiter(RedisRateLimits limits, RateLimitCall call)
    {
        _limits = limits;
        _call = call;
        _available = call.MostPermits;
        _lastUsed = limits.Clock.GetTimestamp();
    }

    /// <summary>How long nobody asked this object; null while it is asked. Whoever keeps one per partition may dispose an idle one: nothing is lost.</summary>
    public override TimeSpan? IdleDuration =>
        Volatile.Read(ref _deciding) > 0 ? null : _limits.Clock.GetElapsedTime(Volatile.Read(ref _lastUsed));

    /// <summary>This object's own numbers: its grants and rejections, and the permits that were left at its last decision (at first, all).</summary>
    public override RateLimiterStatistics GetStatistics() => new()
    {
        CurrentAvailablePermits = Volatile.Read(ref _available),
        CurrentQueuedCount = 0,
        TotalSuccessfulLeases = Volatile.Read(ref _granted),
        TotalFailedLeases = Volatile.Read(ref _rejected),
    };

    /// <summary>
    /// Not acquired, always and without asking: a decision is a round trip, and a thread must not wait for it. Hosts then call
    /// <see cref="RateLimiter.AcquireAsync"/>, as ASP.NET Core's middleware does.
    /// </summary>
    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        Check(permitCount);
        return UndecidedLease.Instance;
    }

    /// <summary>Decides. 0 permits ask whether there is one, and take none. A call that is cancelled may have taken its permits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More permits than a limit ever has.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
    {
        Check(permitCount);
        Interlocked.Increment(ref _deciding);
        try
        {
            var decision = await _limits.DecideAsync(_call, permitCount, cancellationToken).ConfigureAwait(false);
            if (decision.Limits.Count > 0)
                Volatile.Write(ref _available, decision.Limits is [var only] ? only.Remaining : decision.Limits.Min(static state => state.Remaining));
            Interlocked.Increment(ref decision.Granted ? ref _granted : ref _rejected);
            return new DecidedLease(decision);
        }
        finally
        {
            Volatile.Write(ref _lastUsed, _limits.Clock.GetTimestamp());
            Interlocked.Decrement(ref _deciding);
        }
    }

    /// <summary>Further calls throw an <see cref="ObjectDisposedException"/>; the permits that were taken stay taken.</summary>
    protected override void Dispose(bool disposing) => _disposed = true;

    private void Check(int permitCount)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (permitCount > _call.MostPermits)
        {
            throw new ArgumentOutOfRangeException(
                nameof(permitCount), permitCount, string.Create(CultureInfo.InvariantCulture, $"{permitCount} permits can never be had: the limits have at most {_call.MostPermits}."));
        }
    }

    private sealed class DecidedLease(RateLimitDecision decision) : RateLimitLease
    {
        private static readonly string[] WhenGranted = [RateLimitDecision.Metadata.Name];
        private static readonly string[] WhenRejected = [RateLimitDecision.Metadata.Name, MetadataName.RetryAfter.Name];

        public override bool IsAcquired => decision.Granted;

        public override IEnumerable<string> MetadataNames => decision.Granted ? WhenGranted : WhenRejected;

        public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata)
        {
            metadata = metadataName == RateLimitDecision.Metadata.Name ? decision
                : metadataName == MetadataName.RetryAfter.Name && !decision.Granted ? decision.RetryAfter
                : null;
            return metadata is not null;
        }
    }

    private sealed class UndecidedLease : RateLimitLease
    {
        public static readonly UndecidedLease Instance = new();

        public override bool IsAcquired => false;

        public override IEnumerable<string> MetadataNames => [MetadataName.ReasonPhrase.Name];

        public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata)
        {
            metadata = metadataName == MetadataName.ReasonPhrase.Name ? "Redis was not asked: call AcquireAsync." : null;
            return metadata is not null;
        }
    }
}
