using Microsoft.AspNetCore.Identity;

namespace Shop.Web.Accounts;

/// <summary>
/// Accounts to try the shop with, in the Development environment only. The README tells everybody their passwords. Each replica
/// adds those that are missing when it starts; of two that do so at once, one succeeds and the other changes nothing.
/// </summary>
public sealed partial class DemoAccounts(AccountStore accounts, IPasswordHasher<Account> hasher, IHostEnvironment environment, ILogger<DemoAccounts> logger) : IHostedService
{
    /// <summary>Addresses, passwords and names, as the README has them.</summary>
    private static readonly (string Email, string Password, string Name, bool Operator)[] Demo =
    [
        ("ada@shop.example", "analytical-engine", "Ada", false),
        ("bob@shop.example", "paint-happy-trees", "Bob", false),
        ("olga@shop.example", "night-shift-2026", "Olga", true),
    ];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!environment.IsDevelopment())
            return;
        foreach (var (email, password, name, isOperator) in Demo)
        {
            if (await accounts.FindAsync(email, cancellationToken) is not null)
                continue; // hashing is made to be slow
            var hash = hasher.HashPassword(new Account(Guid.Empty, email, name, isOperator), password);
            if (await accounts.AddAsync(email, name, hash, isOperator, cancellationToken) is not null)
                LogAdded(logger, email);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Information, "Added the demo account {Email}")]
    private static partial void LogAdded(ILogger logger, string email);
}
