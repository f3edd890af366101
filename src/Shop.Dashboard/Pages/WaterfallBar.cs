using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Pages;

/// <summary>Where a bar lies on the time axis, in shares of the whole.</summary>
internal sealed record WaterfallBar(double Offset, double Width)
{
    /// <summary>Narrower bars could not be seen.</summary>
    private const double MinimumWidth = 0.003;

    public static WaterfallBar Of(SpanNode row, SpanTree tree)
    {
        var whole = tree.Duration > TimeSpan.Zero ? tree.Duration : TimeSpan.FromTicks(1);
        var width = Math.Clamp(row.Span.Duration / whole, MinimumWidth, 1);
        return new WaterfallBar(Math.Clamp(row.Offset / whole, 0, 1 - width), width);
    }
}
