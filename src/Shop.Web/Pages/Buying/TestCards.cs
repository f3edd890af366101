namespace Shop.Web.Pages.Buying;

/// <summary>The cards of the sandbox, as the checkout explains them.</summary>
internal static class TestCards
{
    public static readonly (string Number, string Name, string What)[] All =
    [
        ("4242424242424242", "4242 4242 4242 4242", "Pays at once."),
        ("4000000000000259", "4000 0000 0000 0259", "Takes three seconds, then pays: time to watch."),
        ("4000000000000119", "4000 0000 0000 0119", "Fails twice, then pays: the shop tries again by itself."),
        ("4000000000000002", "4000 0000 0000 0002", "Is declined: the order ends, and its stock goes back."),
    ];
}
