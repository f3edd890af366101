using Dapper;

namespace Shop.SystemTests;

/// <summary>The receipts that an application has sent: files in its mail folder, and rows in the books of notifications.</summary>
internal static class Receipts
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static string ReceiptFile(this ShopApp shop, Guid order) => Path.Combine(shop.MailFolder, $"receipt-{order:N}.eml");

    /// <summary>Waits for the receipt of an order; its text.</summary>
    public static async Task<string> ReceiptAsync(this ShopApp shop, Guid order)
    {
        await Eventually.TrueAsync(() => Task.FromResult(File.Exists(shop.ReceiptFile(order))), $"the receipt of order {order}", Patience);
        return await File.ReadAllTextAsync(shop.ReceiptFile(order));
    }

    /// <summary>When each receipt was sent, by the books; an order that was receipted twice would fail here.</summary>
    public static async Task<IReadOnlyDictionary<Guid, DateTime>> ReceiptBookAsync(this ShopApp shop)
    {
        await using var notifications = await shop.DatabaseAsync("notificationsdb");
        await using var connection = await notifications.OpenConnectionAsync();
        return (await connection.QueryAsync<(Guid Order, DateTime At)>("SELECT order_id, sent_at FROM receipts")).ToDictionary(static row => row.Order, static row => row.At);
    }
}
