using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Shop.Web.Live;

/// <summary>Several sources as one.</summary>
internal static class Merging
{
    /// <summary>The items of all sources as they come, those of each in order. Ends, or fails, with the first source that does.</summary>
    public static async IAsyncEnumerable<T> MergeAsync<T>(IReadOnlyList<IAsyncEnumerable<T>> sources, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var items = Channel.CreateBounded<T>(1); // a slow reader slows the sources down, which know how to bear it
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pumps = Task.WhenAll(sources.Select(source => PumpAsync(source, items.Writer, leaving.Token)));
        try
        {
            await foreach (var item in items.Reader.ReadAllAsync(cancellationToken))
                yield return item;
        }
        finally
        {
            await leaving.CancelAsync();
            await pumps;
        }
    }

    private static async Task PumpAsync<T>(IAsyncEnumerable<T> source, ChannelWriter<T> items, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var item in source.WithCancellation(cancellationToken))
                await items.WriteAsync(item, cancellationToken);
            items.TryComplete();
        }
        catch (Exception exception)
        {
            items.TryComplete(exception); // the reader meets it
        }
    }
}
