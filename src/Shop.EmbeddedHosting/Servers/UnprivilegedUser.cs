using System.Diagnostics;
using System.Globalization;
using Shop.EmbeddedHosting.Processes;

namespace Shop.EmbeddedHosting.Servers;

/// <summary>
/// The user that PostgreSQL runs as when we are root, for it refuses to be root itself: <c>postgres</c> where the system has that
/// user, else <c>nobody</c>.
/// </summary>
internal sealed record UnprivilegedUser(string Name, int UserId, int GroupId)
{
    /// <summary>The user to step down to, or null when we are not root and need not.</summary>
    public static UnprivilegedUser? Needed { get; } = PosixSignals.RunningAsRoot ? Find() : null;

    /// <summary>The same start as this user. <c>setpriv</c> keeps the process id, so that signals reach the server itself (su and runuser do not).</summary>
    public ProcessStartInfo Run(string executable, params IEnumerable<string> arguments) =>
        new("setpriv", [$"--reuid={UserId}", $"--regid={GroupId}", "--clear-groups", "--", executable, .. arguments]) { WorkingDirectory = "/" };

    /// <summary>Whether this user may pass through <paramref name="folder"/> and everything above it. Asked of the kernel: mode bits do not tell all.</summary>
    public async Task<bool> CanEnterAsync(string folder, CancellationToken cancellationToken) =>
        (await Command.RunAsync(Run("test", "-x", folder), cancellationToken).ConfigureAwait(false)).ExitCode == 0;

    /// <summary>Makes this user the owner of a file or of a folder with all that it holds.</summary>
    public Task OwnAsync(string path, CancellationToken cancellationToken) =>
        Command.SucceedAsync(new ProcessStartInfo("chown", ["-R", $"{UserId}:{GroupId}", path]), cancellationToken);

    private static UnprivilegedUser Find()
    {
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(fields => fields.Length >= 4).ToList();
        var user = users.Find(fields => fields[0] == "postgres") ?? users.Find(fields => fields[0] == "nobody")
            ?? throw new InvalidOperationException("PostgreSQL refuses to run as root, and /etc/passwd has neither a user 'postgres' nor 'nobody' to run it as. Start the AppHost as an ordinary user, or add one of the two.");
        return new UnprivilegedUser(user[0], int.Parse(user[2], CultureInfo.InvariantCulture), int.Parse(user[3], CultureInfo.InvariantCulture));
    }
}
