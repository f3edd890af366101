using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Shop.Web.Limits;
using Shop.Web.Sessions;

namespace Shop.Web.Accounts;

/// <summary>
/// Signing in with a password: the one place that every attempt passes, from the API and from the page. Attempts are limited before
/// the password is looked at. An unknown address costs as much time as a wrong password, so that nobody learns from the clock who
/// has an account.
/// </summary>
public sealed class SignIns(AccountStore accounts, IPasswordHasher<Account> hasher, SessionStarter sessions, SignInLimit limit)
{
    private static readonly Account Nobody = new(Guid.Empty, "", "", Operator: false);

    // Compared with when there is no such account; hashed as the others are, so that it takes as long.
    private readonly string _nobodysHash = hasher.HashPassword(Nobody, RandomNumberGenerator.GetHexString(32));

    /// <summary>Begins a session when the password is right.</summary>
    public async Task<SignInResult> TryAsync(HttpContext context, string email, string password, CancellationToken cancellationToken)
    {
        if (await limit.RefusalAsync(context, email, cancellationToken) is { } refusal)
            return new SignInResult(null, refusal);
        if (await VerifyAsync(email, password, cancellationToken) is not { } account)
            return new SignInResult(null, Wrong());
        await sessions.BeginAsync(context, account);
        return new SignInResult(account, null);
    }

    private static ProblemHttpResult Wrong() => TypedResults.Problem(
        "The e-mail address or the password is wrong. POST /api/accounts makes an account.", statusCode: StatusCodes.Status401Unauthorized, title: "Not signed in.");

    private async Task<Account?> VerifyAsync(string email, string password, CancellationToken cancellationToken)
    {
        var found = await accounts.FindAsync(email, cancellationToken);
        var (account, hash) = found ?? (Nobody, _nobodysHash);
        var verified = hasher.VerifyHashedPassword(account, hash, password);
        if (found is null || verified == PasswordVerificationResult.Failed)
            return null;
        if (verified == PasswordVerificationResult.SuccessRehashNeeded)
            await accounts.RehashAsync(account.Id, hash, hasher.HashPassword(account, password), cancellationToken);
        return account;
    }
}

/// <summary>What became of a try to sign in: the account, or why not: a wrong password or address (401), or too many tries (429).</summary>
public sealed record SignInResult(Account? Account, ProblemHttpResult? Refusal);
