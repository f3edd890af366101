using System.Text.RegularExpressions;
using Shop.Orders.Catalogue;
using Shop.Web.Storefront;
using Xunit;

namespace Shop.Tests.Web;

/// <summary>The catalogue that a new shop opens with, and the drawing that the web server ships.</summary>
public sealed partial class ProductArtTests(Servers servers)
{
    [Fact]
    public async Task Every_product_of_a_new_shop_has_a_picture_of_its_own()
    {
        await using var web = await AccountsHost.StartAsync(await AccountsHost.Place.NewAsync(servers));
        var art = web.Get<ProductArt>();
        var skus = await SkusAsync();

        Assert.Equal(32, skus.Length);
        Assert.Equal(skus, skus.Select(art.SymbolOf));
        Assert.Equal("parcel", art.SymbolOf("NO-SUCH"));
    }

    private static async Task<string[]> SkusAsync()
    {
        var assembly = typeof(CatalogueStore).Assembly;
        var name = Assert.Single(assembly.GetManifestResourceNames(), static name => name.EndsWith("002_catalogue.sql", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return [.. Products().Matches(await reader.ReadToEndAsync()).Select(static match => match.Groups["sku"].Value)];
    }

    /// <summary>A row of products begins with two texts; one of the stock does not.</summary>
    [GeneratedRegex("^ +\\('(?<sku>[A-Z0-9-]+)', '", RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex Products();
}
