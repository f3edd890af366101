using System.Text;
using CsCheck;
using Shop.Redis.Jobs;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

public sealed class JobRulesTests
{
    [Fact]
    public void The_default_schedule_is_the_one_in_the_documentation()
    {
        var waits = Enumerable.Range(1, 14).Select(static failures => JobBackoff.Default.After(failures, 0.5).TotalSeconds).ToArray();

        Assert.Equal([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600, 3600], waits);
        Assert.Equal(TimeSpan.FromSeconds(5 + 10 + 20 + 40 + 80 + 160 + 320 + 640 + 1280 + 2560) + TimeSpan.FromHours(4), TimeSpan.FromSeconds(waits.Sum()));
        Assert.InRange(TimeSpan.FromSeconds(waits.Sum()), TimeSpan.FromMinutes(324), TimeSpan.FromMinutes(326)); // "about 5 h 25 min"
    }

    [Fact]
    public void Waits_double_up_to_the_longest_and_stay_within_the_jitter() => Gen.Select(
        Gen.Int[1, 10_000], Gen.Double[0, 1], Gen.Int[0, 100_000], Gen.Int[0, 10_000_000], Gen.Double[0, 1]).Sample(static (failures, chance, first, more, jitter) =>
    {
        var backoff = new JobBackoff { First = TimeSpan.FromMilliseconds(first), Longest = TimeSpan.FromMilliseconds(first + more), Jitter = jitter };
        var middle = Math.Min(first * Math.Pow(2, failures - 1), first + more);

        var wait = backoff.After(failures, chance).TotalMilliseconds;

        Assert.InRange(wait, middle * (1 - jitter) - 1, middle * (1 + jitter) + 1);
        Assert.True(backoff.After(failures + 1, chance).TotalMilliseconds >= wait - 1);
        Assert.True(backoff.After(failures, 1) >= backoff.After(failures, 0));
    });

    [Fact]
    public void A_job_reads_back_as_it_was_written()
    {
        var text = Gen.String[Gen.Char.Where(static c => c is not ('\r' or '\n') && !char.IsSurrogate(c)), 1, 40];
        Gen.Select(text, text.Null(), Gen.Int[1, 1000], Gen.Int[1, 1_000_000], Gen.Int[0, 1_000_000], Gen.Int[0, 1_000_000], Gen.Bool, text).Sample(static (type, unique, attempts, timeout, keep, hold, traced, argument) =>
        {
            var arguments = Encoding.UTF8.GetBytes($$"""{"type":"\u00e4","nested":[{"arguments":{{System.Text.Json.JsonSerializer.Serialize(argument)}}}]}""");
            var request = new JobRequest
            {
                Id = Guid.CreateVersion7(),
                Queue = "q",
                Type = type,
                Arguments = arguments,
                MaxAttempts = attempts,
                Timeout = TimeSpan.FromMilliseconds(timeout),
                KeepSucceeded = TimeSpan.FromMilliseconds(keep),
                UniqueFor = TimeSpan.FromMilliseconds(hold),
                Tick = traced ? DateTimeOffset.UnixEpoch.AddDays(20_000) : null,
            };
            byte[] written = [.. Encoding.UTF8.GetBytes($"q 2 3 2:17-4 1700000000000 {unique}\n"), .. JobRecord.Encode(request, traced ? "00-trace-01" : null).Span];

            var read = JobRecord.Decode(written);

            Assert.Equal(('q', JobPriority.Normal, 3, "2:17-4", unique), (read.State, read.Priority, read.Attempt, Encoding.UTF8.GetString(read.Place.Span), read.UniqueKey));
            Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1700000000000), read.EnqueuedAt);
            Assert.Equal((type, attempts, request.Timeout, request.KeepSucceeded, request.UniqueFor, request.Tick), (read.Type, read.MaxAttempts, read.Timeout, read.KeepSucceeded, read.UniqueFor, read.Tick));
            Assert.Equal(traced ? "00-trace-01" : null, read.TraceParent);
            Assert.Equal(arguments, read.Arguments.ToArray());
        });
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused_with_their_value()
    {
        Refuses("0", new JobWorkerOptions { Queue = "q", Concurrency = 0 });
        Refuses("00:00:00.5", new JobWorkerOptions { Queue = "q", Lease = TimeSpan.FromSeconds(0.5) });
        Refuses("a{b", new JobWorkerOptions { Queue = "a{b" });
        Refuses("0 jobs", new JobWorkerOptions { Queue = "q", QueueRate = new JobRate(0, TimeSpan.FromSeconds(1)) });

        static void Refuses(string value, JobWorkerOptions options) => Assert.Contains(value, Assert.ThrowsAny<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("line\nbreak")]
    [InlineData("")]
    public void A_unique_key_that_would_break_the_record_is_refused(string key) =>
        Assert.Throws<ArgumentException>(() => JobRig.Type.Request(new Work("x"), new JobOptions { UniqueKey = key }).Validate());

    [Fact]
    public void A_job_s_settings_that_make_no_sense_are_refused()
    {
        Refuses(new JobOptions { Delay = TimeSpan.FromSeconds(1), RunAt = DateTimeOffset.UnixEpoch });
        Refuses(new JobOptions { Delay = TimeSpan.FromSeconds(-1) });
        Refuses(new JobOptions { MaxAttempts = 0 });
        Refuses(new JobOptions { Timeout = TimeSpan.FromDays(50) });
        Refuses(new JobOptions { UniqueFor = TimeSpan.FromSeconds(1) });
        JobRig.Type.Request(new Work("x"), new JobOptions { Timeout = Timeout.InfiniteTimeSpan }).Validate();

        static void Refuses(JobOptions options) => Assert.Throws<ArgumentException>(() => JobRig.Type.Request(new Work("x"), options).Validate());
    }

    [Fact]
    public void Handlers_and_schedules_of_one_worker_are_for_one_queue_and_named_once()
    {
        var handlers = new JobHandlers().Handle(JobRig.Type, static (_, _, _) => ValueTask.FromResult(JobOutcome.Done()));
        var schedule = new CronSchedule("nightly", "@daily");
        handlers.Cron(schedule, JobRig.Type, static _ => new Work("x"));

        Assert.Throws<ArgumentException>(() => handlers.Handle(JobRig.Type, static (_, _, _) => ValueTask.FromResult(JobOutcome.Done())));
        Assert.Throws<ArgumentException>(() => handlers.Handle(new JobType<Work>("other", "another queue", WorkJson.Default.Work), static (_, _, _) => ValueTask.FromResult(JobOutcome.Done())));
        Assert.Throws<ArgumentException>(() => handlers.Cron(schedule, JobRig.Type, static _ => new Work("x")));
        Assert.Throws<ArgumentException>(() => handlers.Cron(new CronSchedule("other", "@daily"), JobRig.Type, static _ => new Work("x"), new JobOptions { Id = Guid.Empty }));
    }
}
