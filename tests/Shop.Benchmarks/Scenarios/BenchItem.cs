using System.Text.Json.Serialization;

namespace Shop.Benchmarks.Scenarios;

/// <summary>An item of a live log. <paramref name="SentAt"/>: a timestamp of the stopwatch from just before it was sent.</summary>
internal sealed record BenchItem(long SentAt, string Text);

[JsonSerializable(typeof(BenchItem))]
internal sealed partial class BenchItemJson : JsonSerializerContext;
