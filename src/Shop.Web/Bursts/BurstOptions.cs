using Microsoft.Extensions.Options;
using Shop.Contracts;

namespace Shop.Web.Bursts;

/// <summary>How much an operator may send through the system at once. Section <c>Shop:Web:Bursts</c>.</summary>
public sealed class BurstOptions
{
    public const string Section = "Shop:Web:Bursts";

    /// <summary>The most orders of a burst. Default 1000. At least 1.</summary>
    public int MaxOrders { get; set; } = 1000;

    /// <summary>The most shoppers of a burst; each has one order on its way at a time. Default 50, and no more.</summary>
    public int MaxShoppers { get; set; } = SimulatedShoppers.Count;

    /// <summary>How long a shopper waits for an order to be paid before it counts as failed. Default 30 s.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>A cap that is none stops the start, with its name and value.</summary>
internal sealed class BurstOptionsCheck : IValidateOptions<BurstOptions>
{
    public ValidateOptionsResult Validate(string? name, BurstOptions options) => options switch
    {
        { MaxOrders: < 1 } => ValidateOptionsResult.Fail(FormattableString.Invariant($"{BurstOptions.Section}: {nameof(options.MaxOrders)} is {options.MaxOrders}; it must be at least 1.")),
        { MaxShoppers: < 1 or > SimulatedShoppers.Count } => ValidateOptionsResult.Fail(FormattableString.Invariant($"{BurstOptions.Section}: {nameof(options.MaxShoppers)} is {options.MaxShoppers}; it must be 1 to {SimulatedShoppers.Count}.")),
        { Patience.Ticks: <= 0 } => ValidateOptionsResult.Fail($"{BurstOptions.Section}: {nameof(options.Patience)} is {options.Patience}; it must be positive."),
        _ => ValidateOptionsResult.Success,
    };
}
