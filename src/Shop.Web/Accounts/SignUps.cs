using Microsoft.AspNetCore.Identity;
using Shop.Web.Sessions;

namespace Shop.Web.Accounts;

/// <summary>Getting an account, from the API and from the page.</summary>
public sealed class SignUps(AccountStore accounts, IPasswordHasher<Account> hasher, SessionStarter sessions)
{
    /// <summary>Adds the account of a valid request and signs it in; null when the address has one already.</summary>
    public async Task<Account?> TryAsync(HttpContext context, SignUpRequest valid, CancellationToken cancellationToken)
    {
        var subject = new Account(Guid.Empty, valid.Email!, valid.Name!, Operator: false);
        var account = await accounts.AddAsync(valid.Email!, valid.Name!, hasher.HashPassword(subject, valid.Password!), cancellationToken: cancellationToken);
        if (account is not null)
            await sessions.BeginAsync(context, account);
        return account;
    }
}
