using System.Globalization;
using System.Threading.RateLimiting;
using Shop.Redis.RateLimiting;
using Shop.SampleLimits;
using StackExchange.Redis;

// One of several processes that ask for the permits of one limit, each with a clock of its own. It says "ready", waits for a line,
// asks from four tasks at once, <for ms> long and until there was no permit left, and prints when each was granted, in µs by Redis's clock.
if (args is not [var connection, var prefix, var kind, var permits, var windowMs, var skewMs, var forMs])
{
    Console.Error.WriteLine("Shop.SampleLimits <connection> <prefix> fixed|sliding|bucket <permits> <window ms> <clock's skew ms> <for ms>");
    return 2;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
static TimeSpan Milliseconds(string text) => TimeSpan.FromMilliseconds(long.Parse(text, CultureInfo.InvariantCulture));

var window = Milliseconds(windowMs);
RateLimitRule rule = kind switch
{
    "fixed" => new FixedWindow("shared", Number(permits), window),
    "sliding" => new SlidingWindow("shared", Number(permits), window),
    _ => new TokenBucket("shared", Number(permits), tokens: Number(permits), window),
};
var patient = new RateLimitOptions { AnswerTimeout = TimeSpan.FromMinutes(1), WhenAway = RateLimitFallback.Deny };
await using var redis = await ConnectionMultiplexer.ConnectAsync(connection);
var limits = new RedisRateLimits(redis, prefix, patient, new SkewedClock(Milliseconds(skewMs)));
await using RateLimiter limiter = limits.For(rule, "everybody");

Console.WriteLine("ready");
Console.ReadLine();
var started = TimeProvider.System.GetTimestamp();
await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(AskAsync)));
return 0;

async Task AskAsync()
{
    var rejected = false;
    while (!rejected || TimeProvider.System.GetElapsedTime(started) < Milliseconds(forMs))
    {
        using var lease = await limiter.AcquireAsync();
        if (!lease.TryGetMetadata(RateLimitDecision.Metadata, out var decision) || decision is not { Source: RateLimitSource.Redis })
            throw new InvalidOperationException($"Redis did not decide: {decision}");
        if (decision.Granted)
            Console.WriteLine((decision.At - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        rejected |= !decision.Granted;
    }
}
