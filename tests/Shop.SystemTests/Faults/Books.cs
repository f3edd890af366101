using System.Net;
using System.Text.Json;
using Dapper;

namespace Shop.SystemTests.Faults;

/// <summary>
/// Checks the books after a fault: every accepted order ended as its card says; the provider captured once for each paid order
/// and never for another; the loyalty ledger and the board agree with the paid orders; stock is what was delivered less what was
/// sold; every customer was told of every order, once.
/// </summary>
internal static class Books
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static async Task BalanceAsync(ShopApp shop, IReadOnlyCollection<AcceptedOrder> accepted)
    {
        await using var orders = await shop.DatabaseAsync("ordersdb");
        await using var payments = await shop.DatabaseAsync("paymentsdb");
        await using var gaming = await shop.DatabaseAsync("gamingdb");
        await using var notifications = await shop.DatabaseAsync("notificationsdb");
        await using var orderBook = await orders.OpenConnectionAsync();
        await using var paymentBook = await payments.OpenConnectionAsync();
        await using var pointBook = await gaming.OpenConnectionAsync();
        await using var feedBook = await notifications.OpenConnectionAsync();

        Assert.Equal(accepted.Count, accepted.DistinctBy(static order => order.Id).Count());
        await Eventually.BecomesAsync(
            () => orderBook.QuerySingleAsync<long>("SELECT count(*) FROM orders WHERE status = 1"), static waiting => waiting == 0, "every order to leave Placed", Patience);

        // Orders: those that were accepted, and no others, each with its end.
        var statuses = (await orderBook.QueryAsync<(Guid Id, short Status)>("SELECT id, status FROM orders")).ToDictionary(static row => row.Id, static row => row.Status switch { 2 => "Paid", 3 => "Declined", var other => $"{other}" });
        Assert.Superset(accepted.Select(static order => order.Id).ToHashSet(), statuses.Keys.ToHashSet());
        Assert.All(accepted, order => Assert.Equal(order.End, statuses[order.Id]));

        // Money: one capture for each paid order, at its amount.
        var paid = (await orderBook.QueryAsync<(Guid Id, string Customer, decimal Total)>("SELECT id, customer, total FROM orders WHERE status = 2")).ToArray();
        var captures = (await paymentBook.QueryAsync<(string Key, decimal Amount)>("SELECT idempotency_key, amount FROM sandbox.ledger WHERE kind = 'capture'")).ToArray();
        Assert.Equal(paid.Select(static order => (order.Id.ToString(), order.Total)).Order(), captures.Order());

        // Points: the ledger, then the board.
        var earned = paid.GroupBy(static order => order.Customer).ToDictionary(static group => group.Key, static group => group.Sum(static order => (long)Math.Floor(order.Total)));
        await Eventually.BecomesAsync(
            async () => (await pointBook.QueryAsync<(string Customer, long Points)>("SELECT customer, sum(score)::bigint FROM ledger WHERE board = 'loyalty' GROUP BY customer")).OrderBy(static row => row.Customer, StringComparer.Ordinal).ToArray(),
            points => points.SequenceEqual(earned.Select(static pair => (pair.Key, pair.Value)).OrderBy(static row => row.Key, StringComparer.Ordinal)),
            "the loyalty ledger to equal the paid orders",
            Patience);
        using var anybody = shop.Shopper();
        await Eventually.BecomesAsync(
            () => anybody.GetAsync("/api/games/loyalty/leaderboard?top=100"),
            answer => answer.Status == HttpStatusCode.OK && Entries(answer.Body).SequenceEqual(earned.Select(static pair => (pair.Key, pair.Value)).OrderBy(static row => row.Key, StringComparer.Ordinal)),
            "the loyalty board to equal the ledger",
            Patience);

        // Stock: sold is what paid orders hold; declined ones gave theirs back.
        var sold = await orderBook.QuerySingleAsync<long>("SELECT coalesce(sum(quantity), 0) FROM order_lines JOIN orders ON id = order_id WHERE status = 2 AND sku = 'MUG-RD'");
        Assert.Equal(20_000 - sold, await orderBook.QuerySingleAsync<int>("SELECT available FROM stock WHERE sku = 'MUG-RD'"));

        // Feeds: placed and ended, once each, without holes.
        await Eventually.BecomesAsync(
            () => feedBook.QuerySingleAsync<long>("SELECT count(*) FROM notifications"), told => told == statuses.Count * 2, $"{statuses.Count * 2} notifications", Patience);
        Assert.Equal(0, await feedBook.QuerySingleAsync<long>(
            "SELECT count(*) FROM (SELECT order_id FROM notifications GROUP BY order_id HAVING count(*) <> 2 OR count(DISTINCT kind) <> 2) AS odd"));
        Assert.Equal(0, await feedBook.QuerySingleAsync<long>("SELECT count(*) FROM (SELECT customer FROM notifications GROUP BY customer HAVING max(sequence) <> count(*)) AS holes"));
    }

    private static IEnumerable<(string Customer, long Score)> Entries(JsonElement board) =>
        board.GetProperty("entries").EnumerateArray().Select(static entry => (entry.GetProperty("customer").GetString()!, entry.GetProperty("score").GetInt64())).OrderBy(static entry => entry.Item1, StringComparer.Ordinal);
}
