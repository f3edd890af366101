namespace Shop.Testing;

/// <summary>
/// Lets one suite of this repository run at a time: <c>dotnet test</c> starts as many as there are cores, and each starts servers
/// and whole applications of its own, which is more than a small machine carries within the time-outs. Held until disposed;
/// the system takes it back from a process that dies.
/// </summary>
public sealed class SuiteTurn : IDisposable
{
    private static readonly string File = Path.Combine(Path.GetTempPath(), $"shop-tests-{Environment.UserName}.lock");

    private readonly FileStream _lock;

    private SuiteTurn(FileStream file) => _lock = file;

    /// <summary>Waits for the suites that came before.</summary>
    public static async Task<SuiteTurn> TakeAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (true)
        {
            try
            {
                return new SuiteTurn(new FileStream(File, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException)
            {
                await timer.WaitForNextTickAsync(); // another suite has it
            }
        }
    }

    public void Dispose() => _lock.Dispose();
}
