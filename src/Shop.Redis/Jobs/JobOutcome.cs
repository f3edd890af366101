using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Shop.Redis.Jobs;

/// <summary>A handler's answer, in verbs. An exception means <see cref="Retry"/> with the kind's back-off and the exception as error.</summary>
public sealed class JobOutcome
{
    private static readonly JobOutcome Plain = new(JobVerb.Done);

    private JobOutcome(JobVerb verb) => Verb = verb;

    internal JobVerb Verb { get; }

    internal TimeSpan? Wait { get; private init; }

    internal string? Reason { get; private init; }

    internal ReadOnlyMemory<byte> Result { get; private init; }

    /// <summary>The job has succeeded.</summary>
    public static JobOutcome Done() => Plain;

    /// <summary>The job has succeeded, and left a result, which can be read for <see cref="JobWorkerOptions.ResultExpiry"/>.</summary>
    /// <param name="result">Serialised at once. Keep it small.</param>
    /// <param name="json">Source-generated JSON of the result.</param>
    public static JobOutcome Done<TResult>(TResult result, JsonTypeInfo<TResult> json) =>
        new(JobVerb.Done) { Result = JsonSerializer.SerializeToUtf8Bytes(result, json) };

    /// <summary>Not now: run it again after <paramref name="wait"/>. No failure, and no attempt is used up, so that a job may wait for something as long as it takes.</summary>
    public static JobOutcome Snooze(TimeSpan wait)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(wait, TimeSpan.Zero);
        return new(JobVerb.Snooze) { Wait = wait };
    }

    /// <summary>The attempt has failed: try again, or be dead if it was the last.</summary>
    /// <param name="reason">What an operator reads.</param>
    /// <param name="after">The wait; the kind's back-off when null.</param>
    public static JobOutcome Retry(string reason, TimeSpan? after = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        if (after is { } wait)
            ArgumentOutOfRangeException.ThrowIfLessThan(wait, TimeSpan.Zero, nameof(after));
        return new(JobVerb.Retry) { Reason = reason, Wait = after };
    }

    /// <summary>The job is pointless (the order is gone, the address is wrong): never try it again. It is kept as cancelled for a while, with the reason.</summary>
    /// <param name="reason">What an operator reads.</param>
    public static JobOutcome Cancel(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return new(JobVerb.Cancel) { Reason = reason };
    }
}

internal enum JobVerb
{
    Done,
    Snooze,
    Retry,
    Cancel,
}
