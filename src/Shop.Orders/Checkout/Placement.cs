using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Shop.Contracts.Orders;

namespace Shop.Orders.Checkout;

/// <summary>One request to place an order, as it waits for its group commit.</summary>
/// <param name="OrderId">The id that the order gets.</param>
/// <param name="Command">What the customer asks for.</param>
/// <param name="TraceParent">The trace that the request belongs to; the batch as a whole belongs to none.</param>
public sealed record Placement(Guid OrderId, PlaceOrder Command, string? TraceParent)
{
    /// <summary>Tells the same request from another one under the same idempotency key.</summary>
    public byte[] RequestHash { get; } = Hash(Command);

    /// <summary>The customer's idempotency key, unique over all customers.</summary>
    public (string Customer, string Key) Identity => (Command.Customer, Command.IdempotencyKey);

    public static Placement Of(Guid orderId, PlaceOrder command)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(command.Customer);
        ArgumentException.ThrowIfNullOrWhiteSpace(command.IdempotencyKey);
        if (command.Lines.Count == 0)
            throw new ArgumentException("An order needs at least one line.", nameof(command));
        foreach (var line in command.Lines)
        {
            if (line.Quantity is < 1 or > 99)
                throw new ArgumentException($"The quantity of '{line.Sku}' is {line.Quantity}; it must be 1 to 99.", nameof(command));
        }

        return new Placement(orderId, command, Activity.Current?.Id);
    }

    private static byte[] Hash(PlaceOrder command)
    {
        var text = new StringBuilder(command.CardToken);
        foreach (var line in command.Lines)
            text.Append('\n').Append(line.Sku).Append('\t').Append(line.Quantity);
        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
