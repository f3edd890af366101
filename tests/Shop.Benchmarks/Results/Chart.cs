using System.Globalization;
using System.Net;
using System.Text;

namespace Shop.Benchmarks.Results;

/// <summary>A scenario as a bar chart: operations a second of each side, the median as the bar, least and greatest round as its whisker.</summary>
internal static class Chart
{
    private const int Width = 760, Row = 34, Top = 64, LabelWidth = 220, BarWidth = 400;

    public static string Draw(ScenarioResult result)
    {
        var greatest = result.Sides.Max(static side => side.OperationsPerSecond.Max);
        var height = Top + (result.Sides.Count * Row) + 16;
        var svg = new StringBuilder();
        Line($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\" viewBox=\"0 0 {Width} {height}\" font-family=\"system-ui, sans-serif\" font-size=\"13\">");
        Line($"<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
        Line($"<text x=\"12\" y=\"24\" font-size=\"16\" font-weight=\"600\">{Escape(result.Name)}, operations a second</text>");
        Line($"<text x=\"12\" y=\"44\" fill=\"#555\" font-size=\"12\">{Escape(result.Measures)}</text>");
        for (var index = 0; index < result.Sides.Count; index++)
        {
            var side = result.Sides[index];
            var speed = side.OperationsPerSecond;
            var middle = Top + (index * Row) + (Row / 2);
            Line($"<text x=\"{LabelWidth - 8}\" y=\"{middle + 4}\" text-anchor=\"end\">{Escape(side.Name)}</text>");
            Line($"<rect x=\"{LabelWidth}\" y=\"{middle - 10}\" width=\"{X(speed.Median):0.#}\" height=\"20\" fill=\"{(side.Ours ? "#1f6feb" : "#9aa4b2")}\"/>");
            Line($"<path d=\"M{LabelWidth + X(speed.Min):0.#} {middle}H{LabelWidth + X(speed.Max):0.#}\" stroke=\"#111\" stroke-width=\"2\"/>");
            Line($"<text x=\"{LabelWidth + X(speed.Max) + 8:0.#}\" y=\"{middle + 4}\">{speed.Median:N0}</text>");
        }

        Line($"</svg>");
        return svg.ToString();

        double X(double value) => value / greatest * BarWidth;
        void Line(FormattableString text) => svg.AppendLine(text.ToString(CultureInfo.InvariantCulture));
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
