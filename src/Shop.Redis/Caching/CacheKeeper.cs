using Microsoft.Extensions.Logging;
using Shop.Redis.Live;
using StackExchange.Redis;

namespace Shop.Redis.Caching;

/// <summary>
/// Hears the news, and knows when it cannot: from a lost connection, an error or a time-out on, until the channel is subscribed
/// and Redis answers. All generations are forgotten then, because nobody knows which of them were replaced meanwhile.
/// </summary>
internal sealed class CacheKeeper : IAsyncDisposable
{
    private readonly ISubscriber _subscriber;
    private readonly RedisChannel _channel;
    private readonly CacheGenerations _generations;
    private readonly CacheSecondLevel _secondLevel;
    private readonly CacheInvalidator _invalidator;
    private readonly CacheOptions _options;
    private readonly RedisTrust _trust;
    private readonly ILogger _logger;
    private readonly LiveBackOff _backOff;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _loop;
    private bool _subscribed;

    public CacheKeeper(IConnectionMultiplexer redis, string channel, CacheGenerations generations, CacheSecondLevel secondLevel, CacheInvalidator invalidator, CacheOptions options, RedisTrust trust, TimeProvider clock, ILogger logger)
    {
        _subscriber = redis.GetSubscriber();
        _channel = RedisChannel.Literal(channel);
        _generations = generations;
        _secondLevel = secondLevel;
        _invalidator = invalidator;
        _options = options;
        _trust = trust;
        _logger = logger;
        _backOff = new LiveBackOff(clock);
        _loop = Task.Run(KeepAsync, CancellationToken.None);
    }

    /// <summary>Completes when the channel was subscribed for the first time, or could not be.</summary>
    public Task Begun => _begun.Task;

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        try
        {
            await _subscriber.UnsubscribeAsync(_channel, Hear, CommandFlags.FireAndForget).ConfigureAwait(false);
        }
        catch (Exception exception) when (LiveOutage.IsAway(exception))
        {
            // the connection went first, and the subscription with it
        }
    }

    private async Task KeepAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            var pause = _options.RecheckInterval;
            try
            {
                if (_trust.Holds)
                    _generations.DropIdle();
                else
                    await ListenAsync().WaitAsync(_closing.Token).ConfigureAwait(false);
                _backOff.Succeed();
            }
            catch (OperationCanceledException) when (_closing.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception) when (LiveOutage.IsAway(exception))
            {
                _backOff.Fail();
                pause = _backOff.Left;
            }

            _begun.TrySetResult();
            await _trust.SleepAsync(pause, _closing.Token).ConfigureAwait(false);
        }

        _begun.TrySetResult();
    }

    private async Task ListenAsync()
    {
        var doubts = _trust.Doubts;
        if (_subscribed)
        {
            // Answered after the SUBSCRIBE that the client has sent by itself, on the same connection.
            await _subscriber.PingAsync().ConfigureAwait(false);
            if (_subscriber.SubscribedEndpoint(_channel) is null)
            {
                await _subscriber.UnsubscribeAsync(_channel, Hear).ConfigureAwait(false);
                _subscribed = false;
            }
        }

        if (!_subscribed)
        {
            await _subscriber.SubscribeAsync(_channel, Hear).ConfigureAwait(false);
            _subscribed = true;
        }

        // What this process itself has invalidated must not come back to it: Redis has to know first.
        if (!await _invalidator.SentAsync().ConfigureAwait(false))
            throw new TimeoutException("Redis did not take the invalidations of this process.");
        _generations.DropAll();
        await _generations.GetAsync(CacheName.Everything).ConfigureAwait(false);
        if (_trust.Settle(doubts))
            _logger.Heard();
    }

    private void Hear(RedisChannel from, RedisValue message)
    {
        if ((string?)message is not { Length: > 1 } news)
            return;
        if (news[0] == 'f')
        {
            _secondLevel.Wake(news[1..]);
        }
        else
        {
            _generations.Drop(news);
            CacheTelemetry.Dropped();
        }
    }
}
