using System.Globalization;

namespace Shop.Benchmarks.Harness;

/// <summary>What the command line asks for: a verb (a scenario's name, several with commas, <c>all</c>, <c>list</c>, <c>report</c>) and how long to measure.</summary>
internal sealed record CommandLine(string Verb, int Rounds, TimeSpan Duration, TimeSpan WarmUp)
{
    private const string Usage =
        """
        dotnet run -c Release --project tests/Shop.Benchmarks -- <scenario>[,<scenario>…]|all|list|report [options]
          --rounds N     rounds of every side, in turn (default 5)
          --seconds S    length of one measurement (default 5)
          --warm-up S    length of each side's warm-up (default 3; scenarios with processes of their own take at least a minute)
        """;

    public static CommandLine Parse(string[] arguments)
    {
        var command = new CommandLine("", Rounds: 5, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(3));
        for (var index = 0; index < arguments.Length; index++)
        {
            command = arguments[index] switch
            {
                "--rounds" => command with { Rounds = (int)Number(arguments, ++index, least: 1) },
                "--seconds" => command with { Duration = TimeSpan.FromSeconds(Number(arguments, ++index, least: 0.1)) },
                "--warm-up" => command with { WarmUp = TimeSpan.FromSeconds(Number(arguments, ++index, least: 0.1)) },
                ['-', ..] unknown => throw new UsageException($"There is no option '{unknown}'.\n{Usage}"),
                var verb when command.Verb.Length == 0 => command with { Verb = verb },
                var more => throw new UsageException($"'{more}' is one word too many: separate scenarios with commas.\n{Usage}"),
            };
        }

        return command.Verb.Length > 0 ? command : throw new UsageException($"Say what to run.\n{Usage}\n\n{ScenarioCatalogue.Listing()}");
    }

    private static double Number(string[] arguments, int index, double least) =>
        index < arguments.Length && double.TryParse(arguments[index], CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw new UsageException($"'{arguments[index - 1]}' wants a number, at least {least.ToString(CultureInfo.InvariantCulture)}.\n{Usage}");
}
