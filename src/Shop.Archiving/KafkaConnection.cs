using Confluent.Kafka;

namespace Shop.Archiving;

/// <summary>
/// How to reach Kafka. The connection string names the brokers, as Aspire writes it (<c>localhost:9092,other:9092</c>), and may go on
/// with settings of librdkafka: <c>broker:9093;security.protocol=SASL_SSL;sasl.mechanism=PLAIN;sasl.username=…;sasl.password=…</c>.
/// </summary>
internal sealed class KafkaConnection
{
    // The guarantee hangs on these.
    private static readonly string[] Fixed = ["bootstrap.servers", "enable.idempotence", "acks", "request.required.acks", "enable.auto.commit", "enable.partition.eof", "group.id", "partitioner", "isolation.level"];

    private readonly Dictionary<string, string> _settings = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">It names no broker, or a setting without a value, or one that is ours.</exception>
    public KafkaConnection(string connectionString)
    {
        var parts = connectionString.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Brokers = parts is [var brokers, ..] && !brokers.Contains('=', StringComparison.Ordinal)
            ? brokers
            : throw new ArgumentException("The connection string 'kafka' must begin with the brokers, for example 'localhost:9092'.", nameof(connectionString));
        foreach (var part in parts.Skip(1))
        {
            // The value may be a password: only the name is repeated.
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? part : part[..equals].Trim();
            if (equals < 1 || Fixed.Contains(name))
                throw new ArgumentException(equals < 1 ? "A setting in the connection string 'kafka' is not of the form name=value." : $"The connection string 'kafka' must not set {name}: the archive's promises hang on it.", nameof(connectionString));
            _settings[name] = part[(equals + 1)..].Trim();
        }
    }

    /// <summary>Host and port of each, separated by commas.</summary>
    public string Brokers { get; }

    /// <summary>An idempotent producer that waits for all in-sync replicas; a retry inside it neither repeats nor reorders.</summary>
    /// <param name="options">For the time-out.</param>
    /// <param name="alone">One event per request.</param>
    public ProducerConfig Producer(KafkaArchiveOptions options, bool alone)
    {
        var config = new ProducerConfig(With(("linger.ms", "5"), ("compression.type", "lz4"), ("message.timeout.ms", $"{(long)options.DeliveryTimeout.TotalMilliseconds}")))
        {
            EnableIdempotence = true,
            Acks = Acks.All,
            Partitioner = Partitioner.Murmur2Random, // as Java's clients do it, so that a key has one partition whoever writes
        };
        if (alone)
            config.BatchNumMessages = 1;
        return config;
    }

    /// <summary>A consumer that joins no group and commits nothing.</summary>
    public ConsumerConfig Consumer() => new(With(("fetch.wait.max.ms", "100")))
    {
        GroupId = "shop-archive-audit", // the client insists on one
        EnableAutoCommit = false,
        EnablePartitionEof = true,
        AutoOffsetReset = AutoOffsetReset.Earliest, // what retention took while it was read
        AllowAutoCreateTopics = false,
    };

    private Dictionary<string, string> With(params ReadOnlySpan<(string Name, string Value)> defaults)
    {
        Dictionary<string, string> all = new(_settings, StringComparer.Ordinal) { ["bootstrap.servers"] = Brokers };
        foreach (var (name, value) in defaults)
            all.TryAdd(name, value);
        return all;
    }
}
