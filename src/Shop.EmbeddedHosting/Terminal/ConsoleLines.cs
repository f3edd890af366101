namespace Shop.EmbeddedHosting.Terminal;

/// <summary>Lines of the console, each whole, behind the name of who speaks. Colours only for a person: not in a file, not with NO_COLOR.</summary>
internal sealed class ConsoleLines
{
    private const string Reset = "\e[0m";
    private const string Bold = "\e[1m";
    private const string Red = "\e[1;31m";
    private const int NameWidth = 15;

    private static readonly string[] Palette = ["\e[36m", "\e[33m", "\e[32m", "\e[35m", "\e[34m", "\e[96m", "\e[93m", "\e[92m", "\e[95m", "\e[94m"];
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _colours = new(StringComparer.Ordinal);
    private readonly bool _colourful = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>A line that a process printed.</summary>
    public void WriteProcess(string process, string line)
    {
        lock (_gate)
        {
            if (!_colours.TryGetValue(process, out var colour))
                _colours[process] = colour = Palette[_colours.Count % Palette.Length];
            Console.Out.WriteLine(Paint(colour, $"{process.PadRight(NameWidth)} |") + " " + line);
        }
    }

    /// <summary>A line of the AppHost itself.</summary>
    public void WriteOwn(string text) => WriteBlock(Paint(Bold, $"{"AppHost".PadRight(NameWidth)} | {text}"));

    public void WriteError(string text)
    {
        lock (_gate)
            Console.Error.WriteLine(Paint(Red, text));
    }

    public void WriteBlock(string text)
    {
        lock (_gate)
            Console.Out.WriteLine(text);
    }

    private string Paint(string colour, string text) => _colourful ? colour + text + Reset : text;
}
