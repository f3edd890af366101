using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Shop.Redis;

/// <summary>
/// A Lua script kept as a <c>.lua</c> file beside the class that runs it. Its SHA-1 is sent (EVALSHA), and the script itself only
/// to a server that does not know it: new, restarted or flushed. (Given the text, the client would look its SHA-1 up by the text,
/// and so hash all of it for every call.)
/// </summary>
internal sealed class RedisScript
{
    private readonly string _text;
    private readonly byte[] _hash;

    private RedisScript(string text)
    {
        _text = text;
#pragma warning disable CA5350 // Redis names scripts by their SHA-1.
        _hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    /// <summary>
    /// Reads <paramref name="fileNames"/> from the folder (and so the namespace) of <typeparamref name="TOwner"/>.
    /// Several files make one script, in this order: functions that scripts share come first.
    /// </summary>
    public static RedisScript Load<TOwner>(params string[] fileNames) =>
        new(string.Join('\n', fileNames.Select(Read<TOwner>)));

    private static string Read<TOwner>(string fileName)
    {
        var name = $"{typeof(TOwner).Namespace}.{fileName}";
        using var resource = typeof(TOwner).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The embedded script '{name}' is missing: put {fileName} beside {typeof(TOwner).Name}.");
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }

    public async Task<RedisResult> EvaluateAsync(IDatabase database, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            return await database.ScriptEvaluateAsync(_hash, keys, arguments).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await database.ScriptEvaluateAsync(_text, keys, arguments).ConfigureAwait(false);
        }
    }
}
