using Shop.EmbeddedHosting.Engine;
using Shop.EmbeddedHosting.Servers;

namespace Shop.SystemTests.Hosting;

public sealed class LogBookTests
{
    [Fact]
    public async Task The_last_words_of_a_crash_begin_with_its_exception()
    {
        await using var logs = new LogBook(ThrowAwayFolder.Create("logs"));
        string[] lines = ["Unhandled exception. Of the life before", "info: Started", "Unhandled exception. The limit has too many permits", .. Enumerable.Range(1, 10).Select(static frame => $"   at frame {frame}")];
        foreach (var line in lines)
            logs.Write("web", line);

        Assert.Equal(string.Join('\n', lines[2..]), logs.LastWords("web"));
    }

    [Fact]
    public async Task The_last_words_of_a_process_that_names_no_exception_are_its_last_lines()
    {
        await using var logs = new LogBook(ThrowAwayFolder.Create("logs"));
        for (var line = 1; line <= 7; line++)
            logs.Write("web", $"line {line}");

        Assert.Equal("line 3\nline 4\nline 5\nline 6\nline 7", logs.LastWords("web"));
    }
}
