using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.Messaging;

namespace Shop.Archiving.Auditing;

/// <summary>
/// The parity audit of the archive, for operators: what it found, and another look at any time that the outbox still has. The auditor
/// in the background does the same by itself, window by window. Registered when the archive is on.
/// </summary>
public sealed class ArchiveAudit
{
    private readonly KafkaArchiveOptions _options;
    private readonly KafkaConnection _connection;
    private readonly OutboxEvents _outbox;
    private readonly AuditLedger _ledger;
    private readonly WindowAudit _windows;
    private readonly OutboxOptions _outboxOptions;
    private readonly TimeProvider _clock;
    private readonly ILogger<ArchiveAudit> _logger;

    internal ArchiveAudit(
        KafkaArchiveOptions options, KafkaConnection connection, OutboxEvents outbox, AuditLedger ledger, WindowAudit windows, IOptions<OutboxOptions> outboxOptions, TimeProvider clock, ILogger<ArchiveAudit> logger) =>
        (_options, _connection, _outbox, _ledger, _windows, _outboxOptions, _clock, _logger) = (options, connection, outbox, ledger, windows, outboxOptions.Value, clock, logger);

    /// <summary>The streams that this service archives.</summary>
    public IEnumerable<string> Streams => _options.Streams;

    /// <summary>How a stream's archive stands; null before the first audit.</summary>
    public Task<ArchiveStatus?> StatusAsync(string stream, CancellationToken cancellationToken = default) => _ledger.ReadStatusAsync(Known(stream), cancellationToken);

    /// <summary>What the audits found, latest window first; windows without events leave no result.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="before">Only windows that began before: the <see cref="AuditedWindow.From"/> of the last one seen. Null for the latest.</param>
    /// <param name="take">At most so many, 1 or more.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public async Task<IReadOnlyList<AuditedWindow>> ListAsync(string stream, DateTimeOffset? before = null, int take = 100, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(take, 1);
        return await _ledger.ListAsync(Known(stream), before, take, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Compares a time now, window by window, repairs what is missing, and answers the windows that have events. For example after
    /// Kafka's limits were raised for an event that it had refused. Running beside the auditor, or twice, is harmless: what both repair stands in Kafka twice.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="from">The events' own time, from then on; rounded down to a window.</param>
    /// <param name="to">And before then; rounded up.</param>
    /// <param name="cancellationToken">Ends it; the windows that were done stay recorded.</param>
    /// <exception cref="Confluent.Kafka.KafkaException">Kafka is away, or refuses.</exception>
    /// <exception cref="TimeoutException">Kafka, or Redis, does not answer.</exception>
    public async Task<IReadOnlyList<AuditedWindow>> RunAsync(string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken = default)
    {
        List<AuditedWindow> results = [];
        using var topic = OpenTopic();
        for (var next = Floor(from); next < to;)
        {
            if (await _outbox.NextAsync(Known(stream), next, cancellationToken).ConfigureAwait(false) is not { } happened || happened >= to)
                break;
            next = Floor(happened);
            results.Add(await AuditAsync(topic, stream, next, cancellationToken).ConfigureAwait(false));
            next += _options.AuditWindow;
        }

        return results;
    }

    /// <summary>
    /// Goes on from where the last audit of the stream ended, up to the latest window that has rested, and no further than one that is
    /// not archived yet. Answers how far the audit is behind now.
    /// </summary>
    internal async Task<TimeSpan> GoOnAsync(string stream, CancellationToken cancellationToken)
    {
        var start = await _ledger.BeginAsync(stream, cancellationToken).ConfigureAwait(false);
        if (start.IsFirst)
            ArchiveLog.AuditBegins(_logger, stream, start.From);
        if (start.HoldHadExpired && start.Now - _outboxOptions.Retention is var kept && start.From < kept)
            ArchiveLog.NotAudited(_logger, stream, start.From, kept);

        var until = Floor(start.From);
        var horizon = Floor(start.Now - _options.AuditLag);
        using var topic = OpenTopic();
        foreach (var late in await _ledger.ReadLateAsync(stream, until - _options.LateCommits, until, cancellationToken).ConfigureAwait(false))
            await AuditAsync(topic, stream, late, cancellationToken).ConfigureAwait(false);

        while (until < horizon)
        {
            var next = await _outbox.NextAsync(stream, until, cancellationToken).ConfigureAwait(false) is { } happened && happened < horizon ? Floor(happened) : horizon;
            if (next < horizon)
            {
                var window = await AuditAsync(topic, stream, next, cancellationToken).ConfigureAwait(false);
                until = window.UnderWay > 0 ? next : next + _options.AuditWindow;
                await _ledger.AdvanceAsync(stream, until, cancellationToken).ConfigureAwait(false);
                if (window.UnderWay > 0)
                    break;
            }
            else
            {
                until = horizon;
                await _ledger.AdvanceAsync(stream, until, cancellationToken).ConfigureAwait(false);
            }
        }

        await _ledger.TidyAsync(stream, cancellationToken).ConfigureAwait(false);
        return start.Now - until;
    }

    private async Task<AuditedWindow> AuditAsync(TopicReader topic, string stream, DateTimeOffset from, CancellationToken cancellationToken)
    {
        var window = await _windows.RunAsync(topic, stream, from, from + _options.AuditWindow, cancellationToken).ConfigureAwait(false);
        if (window.UnderWay == 0)
            await _ledger.RecordAsync(window, cancellationToken).ConfigureAwait(false);
        return window;
    }

    private TopicReader OpenTopic() => new(_connection, _clock, _logger);

    /// <summary>Windows begin at whole multiples of their length, counted from 1970 (as <c>date_bin</c> does it).</summary>
    private DateTimeOffset Floor(DateTimeOffset time) => new(time.UtcTicks - ((time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) % _options.AuditWindow.Ticks), TimeSpan.Zero);

    private string Known(string stream) => _options.Streams.Contains(stream)
        ? stream
        : throw new ArgumentException($"This service does not archive the stream '{stream}', but {string.Join(", ", _options.Streams)}.", nameof(stream));
}
