using System.Globalization;
using Shop.Benchmarks.Harness;

namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>
/// An order's whole way, over all services of the AppHost. Intake alone is <see cref="ShopIntake"/>, on servers of its own. Saturation is a closed loop of 256 orders under way; the others send at a
/// share of what it settled last, whether or not earlier orders are settled. Receipts are sent in the background and outlast the load: a
/// side is over when they are sent, so that the next does not compete with them.
/// </summary>
internal sealed class OrderFlow : Scenario
{
    private const string IntakeAlone = "intake alone", Saturated = "saturation", Half = "50 %";

    public override string Name => "order-flow";

    public override string Measures => "Placed over HTTP, paid, on the board and the customer told; the whole application, at shares of its saturation.";

    public override int Order => 30;

    public override IReadOnlyList<Target> Targets =>
    [
        Target.P99(Half, 250),
        new($"{Saturated} ≥ 0.6 × {IntakeAlone}", static round => round[Saturated].OperationsPerSecond / round[IntakeAlone].OperationsPerSecond, 0.6),
    ];

    public override TimeSpan WarmUp => TimeSpan.FromMinutes(1);

    public override IReadOnlyList<Side> CreateSides()
    {
        var load = new Load();
        return [new Alone(), new Saturation(load), new Share(load, 0.25, "25 %"), new Share(load, 0.5, Half), new Share(load, 0.75, "75 %")];
    }

    /// <summary>What the sides share: the application, which the first starts and disposes, and what it can do.</summary>
    private sealed class Load
    {
        public FlowShop? Shop { get; set; }

        public double SettledPerSecond { get; set; }

        public FlowShop Running => Shop ?? throw new InvalidOperationException("The side 'saturation' starts the application, and starts before its shares.");
    }

    private sealed class Alone : Side
    {
        private readonly ShopIntake _intake = new();
        private readonly BenchServers _servers = new(new ProcessTimes());

        public override string Name => IntakeAlone;

        public override bool Ours => true;

        public override IReadOnlyDictionary<string, int[]> Processes => _intake.Processes;

        public override Task StartAsync(BenchServers servers, CancellationToken cancellationToken) => _intake.StartAsync(_servers, cancellationToken);

        public override Task RunAsync(Measurement measurement) => _intake.RunAsync(measurement);

        public override async ValueTask DisposeAsync()
        {
            await _intake.DisposeAsync();
            await _servers.DisposeAsync();
        }
    }

    private sealed class Saturation(Load load) : Side
    {
        private const int UnderWay = 256;

        public override string Name => Saturated;

        public override bool Ours => true;

        public override IReadOnlyDictionary<string, int[]> Processes => load.Running.Processes;

        public override async Task StartAsync(BenchServers servers, CancellationToken cancellationToken) => load.Shop = await FlowShop.StartAsync(servers, cancellationToken);

        public override async Task RunAsync(Measurement measurement)
        {
            await measurement.ClosedLoopAsync(UnderWay, _ => load.Running.PlaceAndSettleAsync(measurement.Cancelled));
            load.SettledPerSecond = measurement.Figures().OperationsPerSecond;
            await load.Running.QuietAsync(measurement.Cancelled);
        }

        public override ValueTask DisposeAsync() => load.Shop?.DisposeAsync() ?? default;
    }

    private sealed class Share(Load load, double share, string name) : Side
    {
        public override string Name => name;

        public override bool Ours => true;

        public override IReadOnlyDictionary<string, int[]> Processes => load.Running.Processes;

        public override async Task RunAsync(Measurement measurement)
        {
            measurement.Figure(string.Create(CultureInfo.InvariantCulture, $"sent/s at {share:0%}"), load.SettledPerSecond * share);
            await measurement.OpenLoopAsync(load.SettledPerSecond * share, _ => load.Running.PlaceAndSettleAsync(measurement.Cancelled));
            await load.Running.QuietAsync(measurement.Cancelled);
        }
    }
}
