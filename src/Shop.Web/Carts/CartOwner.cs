namespace Shop.Web.Carts;

/// <summary>Whose cart it is: an account's, or that of a browser, by the hash of the secret in its cookie.</summary>
internal sealed record CartOwner
{
    private CartOwner(string column, object key) => (Column, Key) = (column, key);

    /// <summary>The column of <c>carts</c> that says whose it is.</summary>
    public string Column { get; }

    public object Key { get; }

    public static CartOwner Account(Guid id) => new("account_id", id);

    public static CartOwner Browser(byte[] hash) => new("cookie_hash", hash);
}
