using Shop.Benchmarks.Harness;
using Shop.Benchmarks.Results;

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopping.Cancel();
};

try
{
    var command = CommandLine.Parse(args);
    switch (command.Verb)
    {
        case "list":
            ScenarioCatalogue.Print(Console.Out);
            break;
        case "report":
            Console.Out.WriteLine($"Wrote the performance section of {ReadmeSection.Write(ResultStore.Load())}.");
            break;
        default:
            var failed = await BenchmarkSuite.RunAsync(ScenarioCatalogue.Select(command.Verb), command, stopping.Token);
            return failed.Count == 0 ? 0 : 1;
    }

    return 0;
}
catch (UsageException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("Stopped. Scenarios that were finished are kept.");
    return 130;
}
