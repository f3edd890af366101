using Microsoft.Extensions.Caching.Memory;
using Shop.Web.Accounts;

namespace Shop.Web.Customers;

/// <summary>
/// The names that people see, for the keys that grains use. What this replica has looked up lately it knows for a while; the rest
/// of a call is one query.
/// </summary>
public sealed class CustomerNames(AccountStore accounts) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly MemoryCache _names = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    /// <summary>The names of these customers; those without an account are left out.</summary>
    public async Task<IReadOnlyDictionary<string, string>> OfAsync(IEnumerable<string> customers, CancellationToken cancellationToken = default)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var unknown = new List<Guid>();
        foreach (var customer in customers.Distinct(StringComparer.Ordinal))
        {
            if (_names.TryGetValue(customer, out string? name))
                names[customer] = name!;
            else if (Guid.TryParseExact(customer, "D", out var id))
                unknown.Add(id);
        }

        if (unknown.Count == 0)
            return names;
        foreach (var (id, name) in await accounts.NamesAsync(unknown, cancellationToken))
            names[id.ToString()] = _names.Set(id.ToString(), name, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Lifetime });
        return names;
    }

    public void Dispose() => _names.Dispose();
}
