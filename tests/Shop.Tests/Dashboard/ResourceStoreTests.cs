using Microsoft.Extensions.Logging;
using Shop.Dashboard.Pages;
using Shop.Dashboard.Protocol;
using Shop.Dashboard.Resources;
using Shop.Dashboard.Telemetry;
using Xunit;

namespace Shop.Tests.Dashboard;

public sealed class ResourceStoreTests
{
    [Fact]
    public void A_chatty_process_leaves_the_lines_of_the_others_alone()
    {
        var store = new ConsoleStore(new Changes(), capacityPerProcess: 3);
        store.Add([Line(1, "payments", "quiet"), .. Enumerable.Range(2, 10).Select(i => Line(i, "orders-0", $"line {i}"))]);

        Assert.Equal(["quiet", "line 9", "line 10", "line 11"], Texts(store, new ConsoleFilter()));
    }

    [Fact]
    public void Lines_that_are_told_again_after_a_reconnect_are_held_once()
    {
        var store = new ConsoleStore(new Changes());
        store.Add([Line(1, "orders", "a"), Line(2, "orders", "b")]);
        store.Add([Line(1, "orders", "a"), Line(2, "orders", "b"), Line(3, "orders", "c")]);

        Assert.Equal(["a", "b", "c"], Texts(store, new ConsoleFilter()));
    }

    [Fact]
    public void Lines_are_found_by_process_by_resource_with_all_its_replicas_and_by_text()
    {
        var store = new ConsoleStore(new Changes());
        store.Add([Line(1, "orders-0", "a Warning"), Line(2, "orders-1", "b"), Line(3, "orders-db", "c"), Line(4, "orders", "d")]);

        Assert.Equal(["b"], Texts(store, new ConsoleFilter("orders-1")));
        Assert.Equal(["a Warning", "b", "d"], Texts(store, new ConsoleFilter("orders")));
        Assert.Equal(["a Warning"], Texts(store, new ConsoleFilter(Text: "warning")));
        Assert.Equal(["c", "d"], Texts(store, new ConsoleFilter(Limit: 2)));
    }

    [Fact]
    public void Lines_are_found_by_the_level_that_services_and_servers_begin_them_with()
    {
        var store = new ConsoleStore(new Changes());
        store.Add([
            Line(1, "orders", "info: Shop[1] started"), Line(2, "orders", "warn: Shop[2] slow"), Line(3, "orders", "fail: Shop[3] gone"),
            Line(4, "postgres", "2026-11-25 03:21:51.853 UTC [1] FATAL:  starting up"), Line(5, "redis", "1:M 25 Nov 2026 03:21:49.743 # WARNING Memory overcommit"), Line(6, "orders", "   at Shop.Orders.Program"),
        ]);

        Assert.Equal(6, Texts(store, new ConsoleFilter()).Count());
        Assert.Equal([2, 3, 4, 5], Numbers(new ConsoleFilter(Level: LogLevel.Warning)));
        Assert.Equal([3, 4], Numbers(new ConsoleFilter(Level: LogLevel.Error)));
        Assert.Equal([2, 3], Numbers(new ConsoleFilter("orders", Level: LogLevel.Warning, Until: 4)));

        IEnumerable<long> Numbers(ConsoleFilter filter) => store.List(filter.Accepts, filter.Limit).Select(static line => line.Number);
    }

    [Fact]
    public void The_colours_of_a_terminal_are_left_out()
    {
        var store = new ConsoleStore(new Changes());
        store.Add([Line(1, "orders", "\e[32minfo\e[0m: started")]);

        Assert.Equal(["info: started"], Texts(store, new ConsoleFilter()));
    }

    [Fact]
    public void In_the_graph_everybody_stands_right_of_all_that_use_him_and_who_has_no_links_is_left_out()
    {
        var graph = ResourceGraph.Of([Resource("redis"), Resource("web", "redis", "orders"), Resource("orders", "redis", "ordersdb"), Resource("ordersdb", "postgres"), Resource("postgres"), Resource("dashboard")]);

        var x = graph.Nodes.ToDictionary(node => node.Resource.Name, node => node.X);
        Assert.DoesNotContain("dashboard", x.Keys);
        Assert.Equal(5, graph.Edges.Count);
        Assert.All(graph.Edges, edge => Assert.True(x[edge.From] < x[edge.To], $"{edge.From} uses {edge.To}"));
        Assert.Equal(graph.Nodes.Count, graph.Nodes.Select(node => (node.X, node.Y)).Distinct().Count());
    }

    [Fact]
    public void Resources_that_use_each_other_in_a_circle_are_drawn_all_the_same() =>
        Assert.Equal(3, ResourceGraph.Of([Resource("a", "b"), Resource("b", "c"), Resource("c", "a")]).Nodes.Count);

    private static IEnumerable<string> Texts(ConsoleStore store, ConsoleFilter filter) => store.List(filter.Accepts, filter.Limit).Select(line => line.Text);

    private static ConsoleLine Line(long number, string process, string text) => new(number, process, Spans.Epoch, text);

    private static ResourceSnapshot Resource(string name, params string[] references) => new() { Name = name, Kind = "project", State = "Running", References = references };
}
