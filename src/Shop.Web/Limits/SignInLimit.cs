using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Redis.RateLimiting;

namespace Shop.Web.Limits;

/// <summary>
/// The limit of signing in: per account (so that nobody tries passwords from many addresses) and per address (or one password on many accounts), both or
/// neither in one call. The account is known when the form or the body is bound, and not before, so
/// <see cref="Accounts.SignIns"/> asks, before it looks at the password.
/// </summary>
public sealed class SignInLimit
{
    private readonly RedisRateLimits _limits;
    private readonly LimitRules _rules;

    internal SignInLimit(RedisRateLimits limits, LimitRules rules) => (_limits, _rules) = (limits, rules);

    /// <summary>Takes one try; null when it was granted, else the answer. The headers of the response are set either way.</summary>
    /// <param name="context">The request.</param>
    /// <param name="email">The account's e-mail address as it was sent, whether there is such an account or not.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ProblemHttpResult?> RefusalAsync(HttpContext context, string email, CancellationToken cancellationToken)
    {
        await using var limiter = _limits.For(
            new RateLimit(_rules.SignInAccount, LimitPartition.Account(email)), new RateLimit(_rules.SignInAddress, LimitPartition.Address(context)));
        using var lease = await limiter.AcquireAsync(1, cancellationToken);
        if (!lease.TryGetMetadata(RateLimitDecision.Metadata, out var decision))
            throw new InvalidOperationException("A lease came without its decision.");
        LimitHeaders.Add(context, decision!);
        return lease.IsAcquired ? null : LimitProblem.Of(decision!);
    }
}
