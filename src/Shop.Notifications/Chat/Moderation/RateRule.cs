using System.Globalization;
using Shop.Contracts.Chat;
using Shop.Redis.RateLimiting;

namespace Shop.Notifications.Chat.Moderation;

/// <summary>
/// An author may write <see cref="ChatOptions.Burst"/> messages to a room at once, and then one each <see cref="ChatOptions.Interval"/>.
/// A refused message does not count. The count is in Redis, so that it goes on when the room moves to another silo; while Redis is
/// away this process counts alone, which is right all the same: all messages of a room pass through one activation.
/// </summary>
public sealed class RateRule(ChatOptions options, RedisRateLimits limits) : IChatRule
{
    private readonly TokenBucket _bucket = new("chat", options.Burst, tokens: 1, options.Interval);

    public async ValueTask<ChatRefusal?> CheckAsync(ChatDraft draft, CancellationToken cancellationToken)
    {
        await using var limiter = limits.For(_bucket, $"{draft.Room}:{draft.Author.Id}");
        using var lease = await limiter.AcquireAsync(1, cancellationToken);
        if (lease.IsAcquired)
            return null;
        if (!lease.TryGetMetadata(RateLimitDecision.Metadata, out var decision))
            throw new InvalidOperationException("A refusal came without its decision.");
        return new ChatRefusal(
            ChatRefusalReason.TooFast,
            string.Create(CultureInfo.InvariantCulture, $"That was {options.Burst} messages at once; the next may follow in {Math.Ceiling(decision!.RetryAfter.TotalSeconds)} s."),
            decision.RetryAfter,
            decision.Limits is [var limit] ? new ChatLimit(limit.Rule.Policy, limit.Permits, limit.Rule.Window, limit.Remaining, limit.NextAfter) : null);
    }
}
