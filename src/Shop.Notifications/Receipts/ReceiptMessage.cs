using System.Globalization;
using System.Net;
using System.Text;
using MimeKit;
using Shop.Contracts;
using Shop.Contracts.Orders;

namespace Shop.Notifications.Receipts;

/// <summary>
/// A receipt as a mail message, in plain text and in HTML. Its Message-ID is made of the order's id: a mail system that gets it
/// twice can tell that it is the same message.
/// </summary>
internal static class ReceiptMessage
{
    public static MimeMessage Of(Order order, MailboxAddress recipient, DateTimeOffset paidAt, MailboxAddress sender, DateTimeOffset now)
    {
        var message = new MimeMessage
        {
            MessageId = IdOf(order.Id, sender),
            Subject = $"Your receipt for order {order.Id}",
            Date = now,
            Body = new BodyBuilder { TextBody = Text(order, paidAt), HtmlBody = Html(order, paidAt) }.ToMessageBody(),
        };
        message.From.Add(sender);
        message.To.Add(recipient);
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated"); // no out-of-office replies
        return message;
    }

    private static string IdOf(Guid orderId, MailboxAddress sender) => $"receipt-{orderId:N}@{sender.Domain}";

    private static string Text(Order order, DateTimeOffset paidAt)
    {
        var text = new StringBuilder()
            .Append("Thank you for your order.\n\n")
            .Append(CultureInfo.InvariantCulture, $"Order   {order.Id}\nPlaced  {order.PlacedAt:yyyy-MM-dd HH:mm} UTC\nPaid    {paidAt:yyyy-MM-dd HH:mm} UTC\n\n");
        foreach (var line in order.Lines)
            text.Append(CultureInfo.InvariantCulture, $"{line.Quantity,3} x {line.Name} ({line.Sku})\n      {Amount(line.UnitPrice, order.Total)} each, {Amount(line.UnitPrice * line.Quantity, order.Total)}\n");
        return text.Append(CultureInfo.InvariantCulture, $"\nTotal   {Amount(order.Total.Amount, order.Total)}\n").ToString();
    }

    private static string Html(Order order, DateTimeOffset paidAt)
    {
        var html = new StringBuilder(
            """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Your receipt</title></head>
            <body style="font-family:sans-serif">
            <h1 style="font-size:1.3em">Thank you for your order.</h1>

            """)
            .Append(CultureInfo.InvariantCulture, $"<p>Order {order.Id}<br>Placed {order.PlacedAt:yyyy-MM-dd HH:mm} UTC<br>Paid {paidAt:yyyy-MM-dd HH:mm} UTC</p>\n")
            .Append("<table cellpadding=\"6\"><thead><tr><th align=\"left\">Product</th><th align=\"right\">Quantity</th><th align=\"right\">Price</th><th align=\"right\">Amount</th></tr></thead>\n<tbody>\n");
        foreach (var line in order.Lines)
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Encoded(line.Name)} ({Encoded(line.Sku)})</td><td align=\"right\">{line.Quantity}</td><td align=\"right\">{Amount(line.UnitPrice, order.Total)}</td><td align=\"right\">{Amount(line.UnitPrice * line.Quantity, order.Total)}</td></tr>\n");
        return html
            .Append(CultureInfo.InvariantCulture, $"</tbody>\n<tfoot><tr><th align=\"left\" colspan=\"3\">Total</th><th align=\"right\">{Amount(order.Total.Amount, order.Total)}</th></tr></tfoot></table>\n</body></html>\n")
            .ToString();
    }

    private static string Amount(decimal amount, Money total) => string.Create(CultureInfo.InvariantCulture, $"{amount:0.00} {Encoded(total.Currency)}");

    private static string Encoded(string text) => WebUtility.HtmlEncode(text);
}
