using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Npgsql;
using Shop.Messaging;
using Xunit;

namespace Shop.Tests.Messaging;

public sealed class GroupCommitTests
{
    [Fact]
    public async Task Every_caller_gets_the_result_of_its_own_item()
    {
        await using var group = new GroupCommit<int, string>("test", (items, _) => Results(items));

        var results = await Task.WhenAll(Enumerable.Range(0, 500).Select(item => group.SubmitAsync(item, TestContext.Current.CancellationToken)));

        Assert.Equal(Enumerable.Range(0, 500).Select(item => $"<{item}>"), results);
    }

    [Fact]
    public async Task Callers_that_come_during_a_commit_share_the_next_one()
    {
        var commits = new Commits();
        await using var group = new GroupCommit<int, string>("test", commits.RunAsync);
        var first = group.SubmitAsync(0, TestContext.Current.CancellationToken);
        await commits.Begun(0);

        var others = Enumerable.Range(1, 20).Select(item => group.SubmitAsync(item, TestContext.Current.CancellationToken)).ToArray();
        commits.Release();
        await first;
        await Task.WhenAll(others);

        Assert.Equal([[0], [.. Enumerable.Range(1, 20)]], commits.Batches);
    }

    [Fact]
    public async Task A_caller_alone_is_committed_without_company()
    {
        var commits = new Commits();
        commits.Release();
        await using var group = new GroupCommit<int, string>("test", commits.RunAsync);

        Assert.Equal("<7>", await group.SubmitAsync(7, TestContext.Current.CancellationToken));

        Assert.Equal([[7]], commits.Batches);
    }

    [Fact]
    public async Task A_batch_is_never_larger_than_its_limit()
    {
        var commits = new Commits();
        await using var group = new GroupCommit<int, string>("test", commits.RunAsync, maxBatch: 8);
        var first = group.SubmitAsync(0, TestContext.Current.CancellationToken);
        await commits.Begun(0);

        var others = Enumerable.Range(1, 20).Select(item => group.SubmitAsync(item, TestContext.Current.CancellationToken)).ToArray();
        commits.Release();
        await Task.WhenAll([first, .. others]);

        Assert.Equal([1, 8, 8, 4], commits.Batches.Select(batch => batch.Length));
    }

    [Fact]
    public async Task One_bad_item_of_a_batch_fails_alone()
    {
        var commits = new Commits { Bad = item => item == 3 ? new FormatException("three") : null };
        await using var group = new GroupCommit<int, string>("test", commits.RunAsync);
        var first = group.SubmitAsync(0, TestContext.Current.CancellationToken);
        await commits.Begun(0);
        var others = Enumerable.Range(1, 5).Select(item => group.SubmitAsync(item, TestContext.Current.CancellationToken)).ToArray();
        commits.Release();

        await first;
        Assert.Equal("three", (await Assert.ThrowsAsync<FormatException>(() => others[2])).Message);
        Assert.Equal(["<1>", "<2>", "<4>", "<5>"], await Task.WhenAll(others.Where((_, i) => i != 2)));
    }

    [Fact]
    public async Task An_absent_database_fails_the_batch_at_once_and_is_not_asked_for_every_item()
    {
        var commits = new Commits { Bad = item => item == 0 ? null : new NpgsqlException("connection refused") };
        await using var group = new GroupCommit<int, string>("test", commits.RunAsync);
        var first = group.SubmitAsync(0, TestContext.Current.CancellationToken);
        await commits.Begun(0);
        var others = Enumerable.Range(1, 5).Select(item => group.SubmitAsync(item, TestContext.Current.CancellationToken)).ToArray();
        commits.Release();

        await first;
        foreach (var other in others)
            await Assert.ThrowsAsync<NpgsqlException>(() => other);
        Assert.Equal(2, commits.Batches.Count);
    }

    [Fact]
    public async Task A_caller_that_gives_up_does_not_take_the_batch_with_it()
    {
        var commits = new Commits();
        await using var group = new GroupCommit<int, string>("test", commits.RunAsync);
        using var impatience = new CancellationTokenSource();
        var taken = group.SubmitAsync(0, impatience.Token);
        await commits.Begun(0);
        var waiting = group.SubmitAsync(1, impatience.Token);
        var patient = group.SubmitAsync(2, TestContext.Current.CancellationToken);

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => taken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        commits.Release();

        Assert.Equal("<2>", await patient);
        Assert.Equal([[0], [2]], commits.Batches);
    }

    [Fact]
    public async Task Disposal_commits_what_was_submitted_and_takes_no_more()
    {
        var commits = new Commits();
        var group = new GroupCommit<int, string>("test", commits.RunAsync);
        var submitted = Enumerable.Range(0, 10).Select(item => group.SubmitAsync(item, TestContext.Current.CancellationToken)).ToArray();
        var disposing = group.DisposeAsync();
        commits.Release();

        await disposing;

        Assert.Equal(10, (await Task.WhenAll(submitted)).Length);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => group.SubmitAsync(11, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_commit_function_that_answers_too_little_is_an_error_and_is_not_repeated()
    {
        var calls = 0;
        await using var group = new GroupCommit<int, string>("short", (_, _) =>
        {
            calls++;
            return Task.FromResult<IReadOnlyList<string>>([]);
        });

        var wrong = await Assert.ThrowsAsync<InvalidOperationException>(() => group.SubmitAsync(1, TestContext.Current.CancellationToken));

        Assert.Contains("0 results for 1 items", wrong.Message, StringComparison.Ordinal);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_batch_runs_in_its_first_callers_trace_and_links_to_the_others()
    {
        using var spans = new RecordedSpans(MessagingTelemetry.Name, "test-callers");
        using var callers = new ActivitySource("test-callers");
        var commits = new Commits();
        await using var group = new GroupCommit<int, string>("traced", commits.RunAsync);
        var blocker = group.SubmitAsync(0, TestContext.Current.CancellationToken);
        await commits.Begun(0);

        var contexts = new List<ActivityContext>();
        var waiting = new List<Task>();
        for (var i = 1; i <= 3; i++)
        {
            using var caller = callers.StartActivity($"caller {i}");
            contexts.Add(caller!.Context);
            waiting.Add(group.SubmitAsync(i, TestContext.Current.CancellationToken));
        }

        commits.Release();
        await blocker;
        await Task.WhenAll(waiting);

        var span = spans.Single(span => span.OperationName.StartsWith("group commit ", StringComparison.Ordinal) && span.TraceId == contexts[0].TraceId);
        Assert.Equal(contexts[0].SpanId, span.ParentSpanId);
        Assert.Equal(contexts.Skip(1).Select(context => context.SpanId), span.Links.Select(link => link.Context.SpanId));
        Assert.Equal(3, span.GetTagItem("shop.group_commit.batch_size"));
        Assert.Equal(contexts[0].TraceId, commits.Traces[1]);
    }

    [Fact]
    public async Task The_size_of_each_batch_is_a_metric()
    {
        var sizes = new ConcurrentQueue<int>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "shop.messaging.group_commit.batch_size")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((_, size, tags, _) =>
        {
            if (tags.ToArray().Any(tag => (string?)tag.Value == "measured"))
                sizes.Enqueue(size);
        });
        listener.Start();
        await using var group = new GroupCommit<int, string>("measured", (items, _) => Results(items));

        await group.SubmitAsync(1, TestContext.Current.CancellationToken);

        Assert.Equal([1], sizes);
    }

    private static Task<IReadOnlyList<string>> Results(IReadOnlyList<int> items) => Task.FromResult<IReadOnlyList<string>>([.. items.Select(item => $"<{item}>")]);

    /// <summary>A commit function that waits until the test lets it go.</summary>
    private sealed class Commits
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ConcurrentDictionary<int, TaskCompletionSource> _begun = [];

        public List<int[]> Batches { get; } = [];

        public List<ActivityTraceId?> Traces { get; } = [];

        public Func<int, Exception?> Bad { get; init; } = static _ => null;

        public Task Begun(int batch) => _begun.GetOrAdd(batch, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public void Release() => _released.SetResult();

        public async Task<IReadOnlyList<string>> RunAsync(IReadOnlyList<int> items, CancellationToken cancellationToken)
        {
            Batches.Add([.. items]);
            Traces.Add(Activity.Current?.TraceId);
            _begun.GetOrAdd(Batches.Count - 1, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            await _released.Task;
            return items.Select(Bad).FirstOrDefault(bad => bad is not null) is { } exception ? throw exception : await Results(items);
        }
    }
}
