using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Shop.Redis.Sessions;
using Shop.Testing;
using Xunit;
using static Shop.Redis.Tests.Sessions.SessionText;

namespace Shop.Redis.Tests.Sessions;

public sealed class SessionTelemetryTests(OwnRedis server, SessionsPostgres postgres) : IClassFixture<OwnRedis>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_operation_is_a_span_and_a_count_without_secrets()
    {
        using var source = new ActivitySource("test sessions");
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = candidate => candidate == source || candidate.Name == "Shop.Redis.Sessions",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var counts = new ConcurrentDictionary<string, long>();
        using var meters = new MeterListener { InstrumentPublished = static (instrument, self) => Enable(instrument, self) };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            counts.AddOrUpdate(string.Join(' ', [instrument.Name, .. tags.ToArray().Select(static tag => $"{tag.Value}")]), value, (_, sum) => sum + value));
        meters.Start();
        await using var replicas = new Replicas(await postgres.NewVaultAsync(), new SessionOptions { Patience = TimeSpan.FromSeconds(60), TouchInterval = TimeSpan.Zero });
        var sessions = replicas.Start(server.Connection).Sessions;

        ActivityTraceId trace;
        SessionTicket ticket;
        SessionTicket renewed;
        using (var request = source.StartActivity("request")!)
        {
            trace = request.TraceId;
            ticket = await sessions.CreateAsync(new NewSession { User = "ada" }, Ct);
            await sessions.GetAsync(ticket.Secret, Ct);
            await sessions.GetAsync(ticket.Secret, Ct);
            await Eventually.TrueAsync(() => Task.FromResult(counts.GetValueOrDefault("shop.sessions.touches") > 0), "a touch to be counted");
            await sessions.GetAsync("nonsense", Ct);
            await sessions.WriteAsync(ticket.Secret, Change("theme", "dark"), Ct);
            renewed = (await sessions.RenewIdAsync(ticket.Secret, ct: Ct))!;
            await sessions.GetAsync(ticket.Secret, Ct);
            await sessions.ListAsync("ada", Ct);
            await sessions.RevokeAllAsync("ada", Ct);
        }

        var ours = spans.Where(span => span.TraceId == trace && span.Source.Name == "Shop.Redis.Sessions").ToArray();
        Assert.Equal(
            ["session create", "session get", "session get", "session get", "session write", "session renew", "session get", "session list", "session revoke"],
            ours.Select(static span => span.OperationName));
        Assert.Equal(["vault", "cache", "malformed", "tombstone"], ours.Where(static span => span.OperationName == "session get").Select(static span => span.GetTagItem("shop.session.from")));
        Assert.All(ours, static span => Assert.Equal((ActivityKind.Client, (object?)"redis"), (span.Kind, span.GetTagItem("db.system.name"))));
        Assert.DoesNotContain(spans.SelectMany(static span => span.TagObjects), tag => $"{tag.Value}".Contains(ticket.Secret, StringComparison.Ordinal) || $"{tag.Value}".Contains(renewed.Secret, StringComparison.Ordinal));
        foreach (var counted in (string[])["shop.sessions.started", "shop.sessions.reads vault True", "shop.sessions.reads cache True", "shop.sessions.reads tombstone False",
            "shop.sessions.reads malformed False", "shop.sessions.writes Written", "shop.sessions.ended renewed", "shop.sessions.ended revoked"])
            Assert.True(counts.GetValueOrDefault(counted) > 0, $"{counted} is not among {string.Join(", ", counts.Keys)}");
    }

    [Theory]
    [InlineData(0, 14, 90, "IdleTimeout is 00:00:00")]
    [InlineData(14, 13, 90, "TouchInterval 13.00:00:00")]
    [InlineData(14, 1, 13, "MaxAge is 13.00:00:00")]
    public async Task Options_that_do_not_fit_are_refused_with_their_values(int idleDays, int touchDays, int maxDays, string says)
    {
        await using var vault = await postgres.NewVaultAsync();
        var options = new SessionOptions { IdleTimeout = TimeSpan.FromDays(idleDays), TouchInterval = TimeSpan.FromDays(touchDays), MaxAge = TimeSpan.FromDays(maxDays) };

        var refused = Assert.Throws<ArgumentException>(() => new RedisSessions(server.Connection, "p:", vault, options));

        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    private static void Enable(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name == "Shop.Redis.Sessions")
            listener.EnableMeasurementEvents(instrument);
    }
}
