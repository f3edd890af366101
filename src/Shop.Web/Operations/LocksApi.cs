using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Redis.Locks;

namespace Shop.Web.Operations;

/// <summary>The locks that are held.</summary>
internal static class LocksApi
{
    public static void MapLocks(this RouteGroupBuilder operations) =>
        operations.MapGet("/locks", ListAsync).WithSummary("Held locks: by whom, for how long, and with which fencing token");

    private static async Task<Results<Ok<LockList>, ValidationProblem>> ListAsync(
        OperationsReader reader, CancellationToken cancellationToken, [Description("The most to list, oldest first: 1 to 1000")] int take = 100)
    {
        if (take is < 1 or > 1000)
            return Problems.Field("take", $"The number is {take}; it must be 1 to 1000.");
        return TypedResults.Ok(await reader.LocksAsync(take, cancellationToken));
    }
}

/// <summary>Held locks, oldest first; <paramref name="Total"/> counts those not shown too.</summary>
public sealed record LockList(IReadOnlyList<LockView> Items, int Total);

/// <summary>A lock that somebody holds.</summary>
/// <param name="Resource">What is locked.</param>
/// <param name="Owner">The process that holds it, and the number of its attempt.</param>
/// <param name="FencingToken">What the holder sends along with its writes.</param>
/// <param name="AgeSeconds">Since when it is held.</param>
/// <param name="ExpiresInSeconds">When it ends, unless it is renewed.</param>
/// <param name="Waiting">How many wait for it.</param>
public sealed record LockView(string Resource, string Owner, long FencingToken, double AgeSeconds, double ExpiresInSeconds, int Waiting)
{
    public static LockView Of(HeldLock held) =>
        new(held.Resource, held.Owner, held.FencingToken, held.Age.TotalSeconds, held.ExpiresIn.TotalSeconds, held.Waiting);
}
