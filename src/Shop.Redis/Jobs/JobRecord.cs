using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Shop.Redis.Jobs;

/// <summary>
/// A job as it stands in Redis: a line for the scripts (state, priority, attempt, place, enqueued, unique key), which changes as the
/// job moves, and behind it what the job is, as JSON, which never does. What equals the defaults of <see cref="JobRequest"/> is left out.
/// </summary>
internal sealed class JobRecord
{
    public char State { get; private init; }

    public JobPriority Priority { get; private init; }

    public int Attempt { get; private init; }

    /// <summary>Of a queued or running job its entry, <c>stream:entry id</c>; of others a time in ms.</summary>
    public ReadOnlyMemory<byte> Place { get; private init; }

    public DateTimeOffset EnqueuedAt { get; private init; }

    public string? UniqueKey { get; private init; }

    public string Type { get; private set; } = "";

    public ReadOnlyMemory<byte> Arguments { get; private set; }

    public int MaxAttempts { get; private set; } = 15;

    public TimeSpan Timeout { get; private set; } = TimeSpan.FromMinutes(5);

    public TimeSpan KeepSucceeded { get; private set; }

    public TimeSpan UniqueFor { get; private set; }

    public DateTimeOffset? Tick { get; private set; }

    public string? TraceParent { get; private set; }

    /// <summary>What the job is, as JSON.</summary>
    public static ReadOnlyMemory<byte> Encode(JobRequest job, string? traceParent)
    {
        var buffer = new ArrayBufferWriter<byte>(job.Arguments.Length + 192);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("type"u8, job.Type);
        json.WritePropertyName("arguments"u8);
        json.WriteRawValue(job.Arguments.Span); // checked: whoever enqueues may bring bytes of any kind
        if (job.MaxAttempts != 15)
            json.WriteNumber("maxAttempts"u8, job.MaxAttempts);
        if (job.Timeout != TimeSpan.FromMinutes(5))
            json.WriteNumber("timeoutMs"u8, Milliseconds(job.Timeout));
        if (job.KeepSucceeded > TimeSpan.Zero)
            json.WriteNumber("keepMs"u8, Milliseconds(job.KeepSucceeded));
        if (job.UniqueFor > TimeSpan.Zero)
            json.WriteNumber("uniqueForMs"u8, Milliseconds(job.UniqueFor));
        if (job.Tick is { } tick)
            json.WriteNumber("tickMs"u8, tick.ToUnixTimeMilliseconds());
        if (traceParent is not null)
            json.WriteString("traceparent"u8, traceParent);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>Reads what <c>job.lua</c> and <see cref="Encode"/> wrote. The arguments stay where they are.</summary>
    public static JobRecord Decode(ReadOnlyMemory<byte> text)
    {
        var end = text.Span.IndexOf((byte)'\n');
        Span<Range> parts = stackalloc Range[6];
        var line = text.Span[..Math.Max(end, 0)];
        if (Split(line, parts) != 6)
            throw new FormatException($"This is no job: {Encoding.UTF8.GetString(text.Span)}");

        var record = new JobRecord
        {
            State = (char)line[parts[0]][0],
            Priority = (JobPriority)Number(line[parts[1]]),
            Attempt = (int)Number(line[parts[2]]),
            Place = text[parts[3]],
            EnqueuedAt = DateTimeOffset.FromUnixTimeMilliseconds(Number(line[parts[4]])),
            UniqueKey = line[parts[5]] is { Length: > 0 } unique ? Encoding.UTF8.GetString(unique) : null,
        };
        record.ReadWhatItIs(text[(end + 1)..]);
        return record;
    }

    private void ReadWhatItIs(ReadOnlyMemory<byte> text)
    {
        var json = new Utf8JsonReader(text.Span);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("arguments"u8))
            {
                json.Read();
                var start = (int)json.TokenStartIndex;
                json.Skip();
                Arguments = text[start..(int)json.BytesConsumed];
                continue;
            }

            var name = json.ValueSpan;
            json.Read();
            if (name.SequenceEqual("type"u8))
                Type = json.GetString()!;
            else if (name.SequenceEqual("maxAttempts"u8))
                MaxAttempts = json.GetInt32();
            else if (name.SequenceEqual("timeoutMs"u8))
                Timeout = TimeSpan.FromMilliseconds(json.GetInt64());
            else if (name.SequenceEqual("keepMs"u8))
                KeepSucceeded = TimeSpan.FromMilliseconds(json.GetInt64());
            else if (name.SequenceEqual("uniqueForMs"u8))
                UniqueFor = TimeSpan.FromMilliseconds(json.GetInt64());
            else if (name.SequenceEqual("tickMs"u8))
                Tick = DateTimeOffset.FromUnixTimeMilliseconds(json.GetInt64());
            else if (name.SequenceEqual("traceparent"u8))
                TraceParent = json.GetString();
            else
                json.Skip();
        }
    }

    /// <summary>Splits at the first five blanks: a unique key may have blanks of its own.</summary>
    private static int Split(ReadOnlySpan<byte> line, Span<Range> parts)
    {
        var (count, start) = (0, 0);
        while (count < parts.Length - 1 && line[start..].IndexOf((byte)' ') is >= 0 and var blank)
        {
            parts[count++] = start..(start + blank);
            start += blank + 1;
        }

        parts[count++] = start..line.Length;
        return count;
    }

    public static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    private static long Number(ReadOnlySpan<byte> text) => Utf8Parser.TryParse(text, out long number, out _) ? number : 0;
}
