using Shop.Dashboard.Charts;

namespace Shop.Dashboard.Pages;

/// <summary>Where a value lies in a chart: from zero (or the least value, when that is below) to a round number above the greatest.</summary>
internal sealed record ChartScale(double Low, double High)
{
    public const int Width = 600;
    public const int Height = 150;

    public static ChartScale Of(ChartData data)
    {
        var values = data.Lines.SelectMany(static line => line.Values).OfType<double>().Where(double.IsFinite).ToList();
        var low = Math.Min(0, values.Count == 0 ? 0 : values.Min());
        var high = values.Count == 0 ? 0 : values.Max();
        return new ChartScale(low < 0 ? -Round(-low) : 0, high > low ? Round(high) : low + 1);
    }

    public double Y(double value) => Height - ((Math.Clamp(value, Low, High) - Low) / (High - Low) * Height);

    public static double X(int index, int count) => count < 2 ? 0 : (double)index / (count - 1) * Width;

    public static double X(DateTimeOffset time, ChartData data) =>
        Math.Clamp((time - data.Times[0]) / (data.Times[^1] - data.Times[0]), 0, 1) * Width;

    /// <summary>The pieces of a line: it is broken where nothing is known. A lone value is drawn as a short dash.</summary>
    public IEnumerable<string> Paths(ChartLine line)
    {
        var path = new System.Text.StringBuilder();
        for (var i = 0; i <= line.Values.Count; i++)
        {
            if (i < line.Values.Count && line.Values[i] is { } value && double.IsFinite(value))
            {
                path.Append(path.Length == 0 ? 'M' : 'L').Append(Format.Svg(X(i, line.Values.Count))).Append(' ').Append(Format.Svg(Y(value)));
            }
            else if (path.Length > 0)
            {
                yield return path.Append("h1").ToString();
                path.Clear();
            }
        }
    }

    /// <summary>1, 2, 2.5, 4, 5 or 8 times a power of ten.</summary>
    private static double Round(double value)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        foreach (var step in (double[])[1, 2, 2.5, 4, 5, 8])
            if (value <= step * power)
                return step * power;
        return 10 * power;
    }
}
