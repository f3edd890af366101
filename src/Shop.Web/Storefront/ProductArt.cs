using System.Text.RegularExpressions;

namespace Shop.Web.Storefront;

/// <summary>The pictures of products: symbols of one drawing, named by SKU. A product that nobody has drawn yet gets a parcel.</summary>
internal sealed partial class ProductArt
{
    /// <summary>The drawing that holds the symbols.</summary>
    public const string File = "art/products.svg";

    private const string Parcel = "parcel";

    private readonly HashSet<string> _drawn;

    public ProductArt(IWebHostEnvironment environment)
    {
        using var reader = new StreamReader(environment.WebRootFileProvider.GetFileInfo(File).CreateReadStream());
        _drawn = Symbols().Matches(reader.ReadToEnd()).Select(static match => match.Groups["id"].Value).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The symbol of a product.</summary>
    public string SymbolOf(string sku) => _drawn.Contains(sku) ? sku : Parcel;

    [GeneratedRegex("<symbol id=\"(?<id>[^\"]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Symbols();
}
