using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Shop.Benchmarks.Harness;
using Shop.EmbeddedHosting.Servers;

namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>PostgreSQL's own load generator with the same statements: the most that a transaction an order can do on this machine.</summary>
internal sealed partial class PgBench : StoreSide
{
    private readonly string _script = Path.Combine(ThrowAwayFolder.Create("bench-pgbench"), "order.sql");
    private string _program = "";
    private string _password = "";

    public override string Name => "pgbench, an order a transaction";

    protected override int Connections => 1;

    public override async Task StartAsync(BenchServers servers, CancellationToken cancellationToken)
    {
        await base.StartAsync(servers, cancellationToken);
        _program = await ServerBinaries.LocateAsync("pgbench", cancellationToken);
        _password = (await servers.PostgresAsync(cancellationToken)).Password;
        var skus = string.Join(", ", OrderRequests.Skus.Order(StringComparer.Ordinal).Select(static sku => $"'{sku}'"));
        await using (var names = Source.CreateCommand($"CREATE TABLE bench_skus AS SELECT * FROM unnest(ARRAY[{skus}]) WITH ORDINALITY AS s (sku, number)"))
            await names.ExecuteNonQueryAsync(cancellationToken);
        await File.WriteAllTextAsync(_script, Script, cancellationToken);
    }

    public override async Task RunAsync(Measurement measurement)
    {
        var server = new NpgsqlConnectionStringBuilder(Source.ConnectionString);
        var start = new ProcessStartInfo(
            _program,
            ["-h", "127.0.0.1", "-p", Text(server.Port), "-U", server.Username!, "-n", "-M", "prepared", "-c", Text(Callers), "-j", "2", "-T", Text((int)Math.Ceiling(measurement.Duration.TotalSeconds)), "-f", _script, Database])
        { UseShellExecute = false, RedirectStandardOutput = true };
        start.Environment["PGPASSWORD"] = _password;
        measurement.Begin();
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(measurement.Cancelled);
        await process.WaitForExitAsync(measurement.Cancelled);
        measurement.End();
        if (process.ExitCode != 0 || Processed().Match(output) is not { Success: true } processed || Speed().Match(output) is not { Success: true } speed)
            throw new InvalidOperationException($"pgbench ended with exit code {process.ExitCode} and this output:\n{output}");
        var orders = long.Parse(processed.Groups["orders"].Value, CultureInfo.InvariantCulture);
        measurement.Report(orders, TimeSpan.FromSeconds(orders / double.Parse(speed.Groups["speed"].Value, CultureInfo.InvariantCulture)));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Two round trips, as the other single-row side has: one reads and locks, one writes and commits.</summary>
    private const string Script =
        """
        \set a random(1, 30)
        \set b random(:a + 1, 31)
        \set x random(1, 9223372036854775807)
        \startpipeline
        BEGIN;
        SELECT s.sku, p.name, p.price FROM bench_skus JOIN stock s USING (sku) JOIN products p USING (sku) WHERE number IN (:a, :b) AND s.available > 0 ORDER BY s.sku FOR UPDATE OF s;
        \endpipeline
        \startpipeline
        UPDATE stock SET available = available - 1 WHERE sku IN (SELECT sku FROM bench_skus WHERE number IN (:a, :b));
        INSERT INTO orders (id, customer, idempotency_key, request_hash, status, version, total, placed_at) VALUES (md5(:x::text)::uuid, 'customer', :x::text, '\x00', 1, 1, 25.80, now());
        INSERT INTO order_lines (order_id, line, sku, name, quantity, unit_price) SELECT md5(:x::text)::uuid, row_number() OVER (), sku, name, 1, price FROM products JOIN bench_skus USING (sku) WHERE number IN (:a, :b);
        INSERT INTO outbox (id, stream, key, type, data, occurred_at) VALUES (gen_random_uuid(), 'orders', md5(:x::text), 'OrderPlaced', '{}', now());
        COMMIT;
        \endpipeline
        """;

    [GeneratedRegex(@"number of transactions actually processed: (?<orders>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Processed();

    [GeneratedRegex(@"tps = (?<speed>[\d.]+) \(without", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Speed();
}
