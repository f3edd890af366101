using System.Diagnostics;

namespace Shop.Redis;

/// <summary>A span that is not sampled carries its trace on and nothing else: describing it would cost what nobody will read.</summary>
internal static class Spans
{
    /// <summary>The span when somebody will read its tags, else null.</summary>
    public static Activity? IfRecorded(this Activity? activity) => activity is { IsAllDataRequested: true } ? activity : null;
}
