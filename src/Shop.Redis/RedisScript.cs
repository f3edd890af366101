using StackExchange.Redis;

namespace Shop.Redis;

/// <summary>
/// A Lua script kept as a <c>.lua</c> file beside the class that runs it. The client sends its SHA-1 once the server
/// knows it (EVALSHA), and loads it again after a restart or a flush.
/// </summary>
internal sealed class RedisScript
{
    private readonly string _text;

    private RedisScript(string text) => _text = text;

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

    public Task<RedisResult> EvaluateAsync(IDatabaseAsync database, RedisKey[] keys, RedisValue[] arguments) =>
        database.ScriptEvaluateAsync(_text, keys, arguments);
}
