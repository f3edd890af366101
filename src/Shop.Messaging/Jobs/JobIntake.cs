using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.Redis.Jobs;
using Shop.Redis.Streams;
using StackExchange.Redis;

namespace Shop.Messaging.Jobs;

/// <summary>
/// Hands the jobs of a stream to their queue, and acknowledges each afterwards: at least once, and only once as far as the queue
/// knows the job's id. For that it is kept after success, for longer than the relay may repeat an event without a wipe.
/// </summary>
internal sealed class JobIntake : BackgroundService
{
    private const string Group = "jobs";

    private readonly string _queue;
    private readonly JobQueues _jobs;
    private readonly TimeSpan _keep;
    private readonly StreamConsumerGroup _group;

    public JobIntake(string queue, JobQueues jobs, IConnectionMultiplexer redis, IOptions<OutboxOptions> outbox, TimeProvider clock, ILogger<StreamConsumerGroup> logger)
    {
        (_queue, _jobs) = (queue, jobs);
        _keep = outbox.Value.RestartWindow + TimeSpan.FromMinutes(1);

        // A queue that cannot be reached is no reason to give its jobs up: on a cluster it may be away while the stream is not.
        var options = new StreamConsumerGroupOptions { Stream = OutboxJob.Stream(queue), Group = Group, MaxDeliveries = 1000 };
        _group = new StreamConsumerGroup(redis, outbox.Value.KeyPrefix, options, EnqueueAsync, clock, logger);
    }

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _group.RunAsync(stoppingToken);

    private async ValueTask EnqueueAsync(StreamDelivery delivery, CancellationToken cancellationToken)
    {
        var request = OutboxJob.Decode(_queue, delivery.Message);
        await _jobs.EnqueueAsync(
            [
                request with
                {
                    KeepSucceeded = request.KeepSucceeded > _keep ? request.KeepSucceeded : _keep,
                    TraceParent = Activity.Current is null ? delivery.Message.TraceParent : null,
                },
            ],
            cancellationToken).ConfigureAwait(false);
    }
}
