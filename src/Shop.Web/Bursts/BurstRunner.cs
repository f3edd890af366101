using Microsoft.Extensions.Options;
using Shop.Contracts;
using Shop.Redis.Jobs;
using Shop.Redis.Live;
using StackExchange.Redis;

namespace Shop.Web.Bursts;

/// <summary>
/// Runs a burst: so many shoppers at the same time, each placing one order after the other, until all are placed or an operator
/// stops it. What is measured goes on a momentary log a few times a second.
/// </summary>
internal sealed partial class BurstRunner(BurstShopper shopper, LiveLog<BurstSample> samples, IOptions<BurstOptions> options, TimeProvider clock, ILogger<BurstRunner> logger) : IJobHandler<Burst>
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public async ValueTask<JobOutcome> HandleAsync(Burst arguments, JobContext job, CancellationToken cancellationToken)
    {
        var meter = new BurstMeter(job.Id, arguments.Orders, clock);
        var shelf = await shopper.ShelfAsync(cancellationToken);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reporting = ReportAsync(meter, job, ending.Token);
        try
        {
            // An order is the same shopper's however often the burst is started again, so that its key places it once.
            await Task.WhenAll(Enumerable.Range(1, arguments.Shoppers).Select(async number =>
            {
                for (var order = number; order <= arguments.Orders; order += arguments.Shoppers)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var placing = new BurstOrder(SimulatedShoppers.Id(number), $"burst:{job.Id:N}:{order}", shelf[order % shelf.Count]);
                    await shopper.ShopAsync(placing, meter, options.Value.Patience, cancellationToken);
                }
            }));
        }
        finally
        {
            await ending.CancelAsync();
            await reporting;
            await ReportAsync(meter.Sample(ended: true));
        }

        return JobOutcome.Done(meter.Sample(ended: true), BurstJson.Default.BurstSample);
    }

    private async Task ReportAsync(BurstMeter meter, JobContext job, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var sample = meter.Sample();
                await ReportAsync(sample);
                await job.ReportProgressAsync(100d * (sample.Paid + sample.Failed) / sample.Orders, $"{sample.Paid} of {sample.Orders} orders paid");
            }
        }
        catch (OperationCanceledException)
        {
            // the burst is over, or no longer this worker's, which its own token tells
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogSilent(logger, exception.Message); // its next steps will tell whether it can go on
        }
    }

    private async Task ReportAsync(BurstSample sample)
    {
        try
        {
            await samples.AppendAsync(LiveLogs.Bursts, sample, CancellationToken.None);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogSilent(logger, exception.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "A burst goes on unseen: {Reason}")]
    private static partial void LogSilent(ILogger logger, string reason);
}
