using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace Shop.Testing;

/// <summary>
/// A Kafka cluster of three brokers: librdkafka's own mock, which speaks the real protocol on real ports, and can be made to fail.
/// Clients of this and of other processes connect to it. A topic is created with four partitions when it is first used. It keeps no
/// time index, and checks no sizes.
/// </summary>
public sealed partial class KafkaFixture : IDisposable
{
    private const short ProduceRequest = 0;

    private readonly IntPtr _client;
    private readonly IntPtr _cluster;

    static KafkaFixture() => NativeLibrary.SetDllImportResolver(typeof(KafkaFixture).Assembly, static (name, assembly, path) =>
    {
        // The package has several builds for Linux, and the first wants a SASL library that not every machine has.
        if (name == "librdkafka")
        {
            foreach (var build in (string[])["librdkafka", "centos8-librdkafka", "alpine-librdkafka"])
            {
                if (NativeLibrary.TryLoad(build, assembly, path, out var library))
                    return library;
            }
        }

        return IntPtr.Zero;
    });

    public KafkaFixture()
    {
        var error = new byte[512];
        var settings = rd_kafka_conf_new();
        rd_kafka_conf_set(settings, "log_level", "0", error, (nuint)error.Length); // it would print that it has no brokers
        _client = rd_kafka_new(0, settings, error, (nuint)error.Length);
        if (_client == IntPtr.Zero)
            throw new InvalidOperationException(Encoding.UTF8.GetString(error));
        _cluster = rd_kafka_mock_cluster_new(_client, BrokerCount);
        Brokers = Marshal.PtrToStringUTF8(rd_kafka_mock_cluster_bootstraps(_cluster))!;
    }

    public static int BrokerCount => 3;

    /// <summary>What a connection string <c>kafka</c> holds.</summary>
    public string Brokers { get; }

    public void CreateTopic(string topic, int partitions) => Check(rd_kafka_mock_topic_create(_cluster, topic, partitions, BrokerCount));

    /// <summary>The broker (1 to <see cref="BrokerCount"/>) drops its connections and takes no more; its partitions stay its own.</summary>
    public void StopBroker(int id) => Check(rd_kafka_mock_broker_set_down(_cluster, id));

    public void StartBroker(int id) => Check(rd_kafka_mock_broker_set_up(_cluster, id));

    public void StopAll()
    {
        for (var id = 1; id <= BrokerCount; id++)
            StopBroker(id);
    }

    public void StartAll()
    {
        for (var id = 1; id <= BrokerCount; id++)
            StartBroker(id);
    }

    /// <summary>Every answer comes so much later; what was asked is done at once.</summary>
    public void DelayAnswers(TimeSpan by)
    {
        for (var id = 1; id <= BrokerCount; id++)
            Check(rd_kafka_mock_broker_set_rtt(_cluster, id, (int)by.TotalMilliseconds));
    }

    /// <summary>The next requests to append are refused, one for each error, and append nothing. Others that are under way are not: let clients send one at a time (<c>max.in.flight</c>).</summary>
    public void RefuseAppends(params ErrorCode[] errors) =>
        rd_kafka_mock_push_request_errors_array(_cluster, ProduceRequest, (nuint)errors.Length, Array.ConvertAll(errors, static error => (int)error));

    /// <summary>Takes back what <see cref="RefuseAppends"/> has left.</summary>
    public void TakeAppends() => rd_kafka_mock_clear_request_errors(_cluster, ProduceRequest);

    /// <summary>The broker forgets everything before <paramref name="offset"/>.</summary>
    public void DeleteRecords(string topic, int partition, long offset) => Check(rd_kafka_mock_partition_delete_records(_cluster, topic, partition, offset));

    /// <summary>Everything that a topic has now, partition by partition.</summary>
    public List<ConsumeResult<string, byte[]>> Read(string topic)
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = Brokers,
            GroupId = "test",
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        List<ConsumeResult<string, byte[]>> messages = [];
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(20)).Topics[0].Partitions;
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(topic, partition.PartitionId, Offset.Beginning)));
        for (var left = partitions.Count; left > 0;)
        {
            var read = consumer.Consume(TimeSpan.FromSeconds(20)) ?? throw new TimeoutException($"Kafka sent nothing of {topic}.");
            if (read.IsPartitionEOF)
                left--;
            else
                messages.Add(read);
        }

        return messages;
    }

    public void Dispose()
    {
        rd_kafka_mock_cluster_destroy(_cluster);
        rd_kafka_destroy(_client);
    }

    private static void Check(int error)
    {
        if (error != 0)
            throw new KafkaException(new Error((ErrorCode)error));
    }

    [LibraryImport("librdkafka")]
    private static partial IntPtr rd_kafka_conf_new();

    [LibraryImport("librdkafka", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rd_kafka_conf_set(IntPtr settings, string name, string value, [Out] byte[] error, nuint size);

    [LibraryImport("librdkafka")]
    private static partial IntPtr rd_kafka_new(int type, IntPtr settings, [Out] byte[] error, nuint size);

    [LibraryImport("librdkafka")]
    private static partial void rd_kafka_destroy(IntPtr client);

    [LibraryImport("librdkafka")]
    private static partial IntPtr rd_kafka_mock_cluster_new(IntPtr client, int brokers);

    [LibraryImport("librdkafka")]
    private static partial void rd_kafka_mock_cluster_destroy(IntPtr cluster);

    [LibraryImport("librdkafka")]
    private static partial IntPtr rd_kafka_mock_cluster_bootstraps(IntPtr cluster);

    [LibraryImport("librdkafka", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rd_kafka_mock_topic_create(IntPtr cluster, string topic, int partitions, int replicas);

    [LibraryImport("librdkafka")]
    private static partial int rd_kafka_mock_broker_set_down(IntPtr cluster, int broker);

    [LibraryImport("librdkafka")]
    private static partial int rd_kafka_mock_broker_set_up(IntPtr cluster, int broker);

    [LibraryImport("librdkafka")]
    private static partial int rd_kafka_mock_broker_set_rtt(IntPtr cluster, int broker, int milliseconds);

    [LibraryImport("librdkafka")]
    private static partial void rd_kafka_mock_push_request_errors_array(IntPtr cluster, short request, nuint count, int[] errors);

    [LibraryImport("librdkafka")]
    private static partial void rd_kafka_mock_clear_request_errors(IntPtr cluster, short request);

    [LibraryImport("librdkafka", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rd_kafka_mock_partition_delete_records(IntPtr cluster, string topic, int partition, long offset);
}
