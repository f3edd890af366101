using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Shop.Archiving.Auditing;
using Shop.Messaging;
using Shop.Messaging.Relaying;
using Shop.Redis.Locks;
using Shop.Testing;
using Shop.Tests.Messaging;
using Xunit;

namespace Shop.Tests.Archiving;

/// <summary>The audit as it runs by itself.</summary>
public sealed class AuditorTests(Servers servers)
{
    [Fact]
    public async Task Window_by_window_it_finds_and_repairs_what_is_missing_and_records_what_it_saw()
    {
        await using var rig = new ArchiveRig(servers);
        var writer = await rig.StartOffAsync();
        await writer.PublishAsync("a", 1, 2, 3);
        var entries = await writer.EntriesAsync(atLeast: 3);
        await servers.Redis.Database.StreamCreateConsumerGroupAsync(rig.Key, ArchiveRig.Group, entries[0].Id);

        var host = await rig.StartAsync(audits: true);

        Assert.Equal([1, 2, 3], (await rig.ArchivedAsync(3)).Select(ArchiveRig.Number).Order());
        var audit = host.Services.GetRequiredService<ArchiveAudit>();
        var status = await Eventually.BecomesAsync(() => audit.StatusAsync("orders"), static status => status?.Events == 3, "an audited window");
        Assert.Equal((1, 1, 0), (status!.Missing, status.Repaired, status.Unknown));
        var window = Assert.Single(await audit.ListAsync("orders"));
        Assert.Equal((3, 1, 1), (window.Events, window.Missing, window.Repaired));
        Assert.Equal(TimeSpan.FromSeconds(1), window.To - window.From);
        Assert.Empty(await audit.ListAsync("orders", before: window.From));
    }

    [Fact]
    public async Task After_a_restart_it_goes_on_where_it_was()
    {
        await using var rig = new ArchiveRig(servers);
        DateTimeOffset until;
        await using (var first = await rig.StartAsync(audits: true))
        {
            await first.PublishAsync("a", 1);
            var audit = first.Services.GetRequiredService<ArchiveAudit>();
            var occurred = await first.ScalarAsync<DateTime>("SELECT occurred_at FROM outbox");
            until = (await Eventually.BecomesAsync(() => audit.StatusAsync("orders"), status => status?.Events == 1 && status.AuditedUntil.UtcDateTime > occurred, "an audited window"))!.AuditedUntil;
        }

        // It does not look at what it has audited: else it would repair this one.
        await using var source = Npgsql.NpgsqlDataSource.Create((await rig.StartOffAsync()).ConnectionString);
        await using (var forge = source.CreateCommand("UPDATE outbox SET data = '{}'"))
            await forge.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var second = await rig.StartAsync(audits: true, configure: static archive => archive.LateCommits = TimeSpan.Zero);
        await second.PublishAsync("a", 2);

        var goneOn = await Eventually.BecomesAsync(
            () => second.Services.GetRequiredService<ArchiveAudit>().StatusAsync("orders"), status => status?.Events == 2 && status.AuditedUntil > until, "a second audited event");
        Assert.Equal(0, goneOn!.Missing);
        Assert.DoesNotContain(second.Log.Lines, static line => line.Message.StartsWith("The audit of orders begins", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_waits_at_a_window_whose_events_are_not_archived_yet_and_then_goes_on()
    {
        await using var rig = new ArchiveRig(servers);
        await using var locks = new RedisLocks(servers.Redis.Connection, rig.Prefix);
        var notYet = await locks.TryAcquireAsync("archive-audit:orders", TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var host = await rig.StartAsync(audits: true, outbox: static outbox => outbox.SweepAfter = TimeSpan.FromHours(1));
        var crashed = new Outbox(host.Database, new OutboxOptions().Events(TestEventsJson.Default));
        await MessagingHost.PublishAsync(crashed, "unpublished", 1);
        await notYet!.DisposeAsync();
        var audit = host.Services.GetRequiredService<ArchiveAudit>();
        var occurred = await host.ScalarAsync<DateTime>("SELECT occurred_at FROM outbox");
        await Eventually.TrueAsync(async () => await audit.StatusAsync("orders") is { } status && status.Age > TimeSpan.FromSeconds(3), "an audit that is behind");
        Assert.True((await audit.StatusAsync("orders"))!.AuditedUntil.UtcDateTime <= occurred);

        await host.PublishAsync("unpublished", 2); // pulls the other along

        var done = await Eventually.BecomesAsync(() => audit.StatusAsync("orders"), static status => status?.Events == 2, "both audited");
        Assert.Equal(0, done!.Missing);
    }

    [Fact]
    public async Task A_window_is_audited_again_when_a_transaction_of_its_time_commits_later()
    {
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync(audits: true);
        var audit = host.Services.GetRequiredService<ArchiveAudit>();
        await host.PublishAsync("a", 1);
        await Eventually.TrueAsync(async () => (await audit.StatusAsync("orders"))?.Events == 1, "an audited window");

        // As late as it gets: published and acknowledged, but dropped on the way, and committed after its window was audited.
        await using (var insert = host.Database.CreateCommand(
            """
            INSERT INTO outbox (id, stream, key, type, data, occurred_at, published_at, entry_id)
            SELECT gen_random_uuid(), stream, 'late', type, '{"key":"late","number":1}', occurred_at, published_at, '1-1' FROM outbox WHERE stream = 'orders'
            """))
            Assert.Equal(1, await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));

        var status = await Eventually.BecomesAsync(() => audit.StatusAsync("orders"), static status => status?.Repaired == 1, "a repaired event");
        Assert.Equal(2, status!.Events);
        Assert.Equal([1], ArchiveRig.Numbers(await rig.ArchivedAsync(2), "late"));
    }

    [Fact]
    public async Task Rows_that_are_not_audited_outlive_their_retention_and_are_archived_when_Kafka_is_back()
    {
        await using var rig = new ArchiveRig(servers);
        var writer = await rig.StartAsync(on: false, outbox: static outbox => outbox.JanitorInterval = TimeSpan.FromHours(1));
        await writer.PublishAsync("a", 1);
        var entries = await writer.EntriesAsync(atLeast: 1);
        await writer.AllPublishedAsync();

        // The archiver was away for so long that the stream was trimmed without it, and Kafka is still away.
        await servers.Redis.Database.StreamCreateConsumerGroupAsync(rig.Key, ArchiveRig.Group, entries[0].Id);
        await using (var age = writer.Database.CreateCommand("UPDATE outbox SET published_at = published_at - interval '4 days', created_at = created_at - interval '4 days', occurred_at = occurred_at - interval '4 days'"))
            await age.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        rig.Kafka.StopAll();
        var host = await rig.StartAsync(audits: true, outbox: static outbox => outbox.JanitorInterval = TimeSpan.FromHours(1));
        await Eventually.TrueAsync(async () => await host.Services.GetRequiredService<ArchiveAudit>().StatusAsync("orders") is not null, "a hold");
        await host.Services.GetRequiredService<OutboxJanitor>().TidyAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, await host.ScalarAsync<long>("SELECT count(*) FROM outbox"));

        rig.Kafka.StartAll();
        Assert.Contains(await rig.ArchivedAsync(1), static message => message.Message.Key == "a");

        // Audited, it goes.
        await Eventually.TrueAsync(
            async () =>
            {
                await host.Services.GetRequiredService<OutboxJanitor>().TidyAsync(CancellationToken.None);
                return await host.ScalarAsync<long>("SELECT count(*) FROM outbox") == 0;
            }, "an empty outbox", TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_hold_that_nobody_renews_ends_and_the_next_auditor_says_what_it_could_not_see()
    {
        await using var rig = new ArchiveRig(servers);
        var off = await rig.StartOffAsync();
        await off.PublishAsync("a", 1);
        await off.AllPublishedAsync();
        await using (var leave = off.Database.CreateCommand(
            """
            UPDATE outbox SET published_at = published_at - interval '4 days', occurred_at = occurred_at - interval '4 days';
            INSERT INTO outbox_holds (holder, stream, needed_from, expires_at) VALUES ('kafka-archive', 'orders', now() - interval '5 days', now() - interval '1 minute')
            """))
            await leave.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        await off.Services.GetRequiredService<OutboxJanitor>().TidyAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await off.ScalarAsync<long>("SELECT count(*) FROM outbox"));

        var host = await rig.StartAsync(audits: true);
        await Eventually.TrueAsync(() => Task.FromResult(host.Log.Lines.Any(static line => line.Message.StartsWith("Nobody audited the archive of orders", StringComparison.Ordinal))), "an error");
    }

    [Fact]
    public async Task One_process_at_a_time_audits_a_stream()
    {
        await using var rig = new ArchiveRig(servers);
        await using var locks = new RedisLocks(servers.Redis.Connection, rig.Prefix);
        var other = await locks.TryAcquireAsync("archive-audit:orders", TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var host = await rig.StartAsync(audits: true);
        await host.PublishAsync("a", 1);
        await rig.SettledAsync(host);
        Assert.Null(await host.Services.GetRequiredService<ArchiveAudit>().StatusAsync("orders"));

        await other!.DisposeAsync();

        await Eventually.TrueAsync(async () => (await host.Services.GetRequiredService<ArchiveAudit>().StatusAsync("orders"))?.Events == 1, "an audited window");
    }

    [Fact]
    public async Task An_operator_sees_what_was_archived_audited_and_repaired_and_what_waits()
    {
        var stream = $"measured-{Guid.CreateVersion7():N}";
        var sums = new ConcurrentDictionary<string, long>();
        var gauges = new ConcurrentDictionary<string, double>();
        using var meters = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Shop.Archiving")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => IfMine(tags, () => sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value)));
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => IfMine(tags, () => gauges[instrument.Name] = value));
        meters.Start();
        await using var rig = new ArchiveRig(servers);
        var writer = await rig.StartOffAsync();
        await using (var transaction = await writer.Outbox.BeginAsync(TestContext.Current.CancellationToken))
        {
            transaction.Enqueue(stream, "a", new Counted("a", 1));
            transaction.Enqueue(stream, "a", new Counted("a", 2));
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        var entries = await writer.EntriesAsync(atLeast: 2, stream);
        await servers.Redis.Database.StreamCreateConsumerGroupAsync($"{rig.Prefix}{stream}:{{0}}", ArchiveRig.Group, entries[0].Id);
        rig.Kafka.RefuseAppends([.. Enumerable.Repeat(Confluent.Kafka.ErrorCode.NotEnoughReplicas, 100_000)]);
        await rig.StartAsync(audits: true, kafka: rig.OneRequestAtATime, configure: archive => archive.Streams.Add(stream));
        await SeenAsync("shop.archive.lag", () => gauges);
        rig.Kafka.TakeAppends();

        await Eventually.TrueAsync(() => Task.FromResult(sums.GetValueOrDefault("shop.archive.audited") == 2), "audited events", TimeSpan.FromSeconds(60));
        await SeenAsync("shop.archive.audit_age", () => gauges);
        Assert.Equal((2, 1, 1), (sums["shop.archive.archived"], sums["shop.archive.missing"], sums["shop.archive.repaired"]));

        void IfMine(ReadOnlySpan<KeyValuePair<string, object?>> tags, Action report)
        {
            foreach (var (name, value) in tags)
            {
                if (name == "messaging.destination.name" && (string?)value == stream)
                    report();
            }
        }

        Task SeenAsync(string gauge, Func<ConcurrentDictionary<string, double>> seen) => Eventually.TrueAsync(
            () =>
            {
                meters.RecordObservableInstruments();
                return Task.FromResult(seen().ContainsKey(gauge));
            }, gauge, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task The_way_to_Kafka_is_part_of_the_events_trace()
    {
        using var spans = new RecordedSpans("Shop.Archiving", "Shop.Redis.Streams");
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync();
        ActivityTraceId trace;
        using (var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start())
        {
            trace = request.TraceId;
            await host.PublishAsync("a", 1);
        }

        await rig.ArchivedAsync(1);
        await Eventually.TrueAsync(() => Task.FromResult(Mine().Any()), "a span");

        var send = Assert.Single(Mine());
        Assert.Equal("send shop.orders", send.DisplayName);
        Assert.Equal("kafka", send.GetTagItem("messaging.system"));
        Assert.Equal("a", send.GetTagItem("messaging.kafka.message.key"));
        Assert.Equal(0L, send.GetTagItem("messaging.kafka.offset"));
        Assert.Contains(spans, span => span.Source.Name == "Shop.Redis.Streams" && span.SpanId == send.ParentSpanId && span.DisplayName == "process orders");

        IEnumerable<Activity> Mine() => spans.Where(span => span.Source.Name == "Shop.Archiving" && span.TraceId == trace);
    }
}
