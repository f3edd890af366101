namespace Shop.Web.Pages.Account;

/// <summary>The icon of each kind of notification.</summary>
internal static class FeedIcons
{
    public static string Of(string kind) => kind switch
    {
        "order-placed" => "package",
        "order-paid" => "check",
        "order-declined" => "alert",
        "order-cancelled" => "cross",
        "order-refunded" => "retry",
        _ => "bell",
    };
}
