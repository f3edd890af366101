[assembly: AssemblyFixture(typeof(Shop.SystemTests.OneSuiteAtATime))]

namespace Shop.SystemTests;

/// <summary>The applications of this suite get the machine to themselves.</summary>
public sealed class OneSuiteAtATime : IAsyncLifetime
{
    private SuiteTurn? _turn;

    public async ValueTask InitializeAsync() => _turn = await SuiteTurn.TakeAsync();

    public ValueTask DisposeAsync()
    {
        _turn?.Dispose();
        return ValueTask.CompletedTask;
    }
}
