using System.Globalization;
using Shop.Dashboard.Protocol;

namespace Shop.Dashboard.Pages;

/// <summary>
/// Places resources in columns: whom nobody uses stands on the left, and everybody stands right of all that use him. Within its
/// column each goes to the height at which those that use it are on average, so that few lines cross.
/// </summary>
internal sealed record ResourceGraph(IReadOnlyList<ResourceGraph.Node> Nodes, IReadOnlyList<ResourceGraph.Edge> Edges, int Width, int Height)
{
    public const int NodeWidth = 168;
    public const int NodeHeight = 52;
    private const int ColumnGap = 96;
    private const int RowGap = 24;
    private const int Margin = 16;

    internal sealed record Node(ResourceSnapshot Resource, int X, int Y);

    internal sealed record Edge(string From, string To, string Path);

    public static ResourceGraph Of(IReadOnlyList<ResourceSnapshot> resources)
    {
        var names = resources.Select(static resource => resource.Name).ToHashSet(StringComparer.Ordinal);
        var edges = resources.SelectMany(resource => resource.References.Where(names.Contains).Select(used => (From: resource.Name, To: used))).Distinct().ToList();
        // A resource that neither uses nor is used stands aside of the picture: the dashboard itself.
        var linked = resources.Where(resource => edges.Exists(edge => edge.From == resource.Name || edge.To == resource.Name)).ToList();
        var columns = Columns(linked, edges);
        var tallest = columns.Count == 0 ? 0 : columns.Max(static column => column.Count);
        var nodes = columns.SelectMany((column, x) => column.Select((resource, y) => new Node(
            resource,
            Margin + (x * (NodeWidth + ColumnGap)),
            Margin + (y * (NodeHeight + RowGap)) + ((tallest - column.Count) * (NodeHeight + RowGap) / 2)))).ToList();
        var byName = nodes.ToDictionary(static node => node.Resource.Name, StringComparer.Ordinal);
        return new ResourceGraph(
            nodes,
            [.. edges.Select(edge => new Edge(edge.From, edge.To, Curve(byName[edge.From], byName[edge.To])))],
            (2 * Margin) + (columns.Count * (NodeWidth + ColumnGap)) - ColumnGap,
            (2 * Margin) + (tallest * (NodeHeight + RowGap)) - RowGap);
    }

    private static List<List<ResourceSnapshot>> Columns(List<ResourceSnapshot> resources, List<(string From, string To)> edges)
    {
        var depth = resources.ToDictionary(static resource => resource.Name, static _ => 0, StringComparer.Ordinal);
        // As many rounds as resources are enough, and a circle ends with them.
        for (var round = 0; round < resources.Count; round++)
            foreach (var (from, to) in edges)
                depth[to] = Math.Max(depth[to], Math.Min(depth[from] + 1, resources.Count - 1));

        var columns = resources.GroupBy(resource => depth[resource.Name]).OrderBy(static column => column.Key).Select(static column => column.ToList()).ToList();
        var height = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            var ordered = column.OrderBy(resource => edges.Where(edge => edge.To == resource.Name && height.ContainsKey(edge.From)).Select(edge => height[edge.From]).DefaultIfEmpty(0).Average()).ToList();
            column.Clear();
            column.AddRange(ordered);
            for (var i = 0; i < column.Count; i++)
                height[column[i].Name] = (i + 0.5) / column.Count;
        }

        return columns;
    }

    private static string Curve(Node from, Node to)
    {
        var (x1, y1) = (from.X + NodeWidth, from.Y + (NodeHeight / 2));
        var (x2, y2) = (to.X - 2, to.Y + (NodeHeight / 2));
        var bend = (x2 - x1) / 2;
        return string.Create(CultureInfo.InvariantCulture, $"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}");
    }
}
