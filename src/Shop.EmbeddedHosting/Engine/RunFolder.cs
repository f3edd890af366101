using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Aspire.Hosting;
using Shop.EmbeddedHosting.Servers;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>
/// The folder of one run: the servers' data, generated passwords, logs, and the list of processes that it started. A lasting folder
/// belongs to one AppHost at a time; a temporary one is deleted at the end of the run, also when the AppHost is killed.
/// </summary>
internal sealed class RunFolder : IAsyncDisposable
{
    private readonly SemaphoreSlim _passwords = new(1, 1);
    private readonly FileStream? _lock;

    private RunFolder(string path, FileStream? exclusive)
    {
        Path = path;
        _lock = exclusive;
        Processes = new ProcessLedger(System.IO.Path.Combine(path, "processes"));
    }

    public string Path { get; }

    public bool Temporary => _lock is null;

    public ProcessLedger Processes { get; }

    public string Logs => Directory.CreateDirectory(System.IO.Path.Combine(Path, "logs")).FullName;

    public static async Task<RunFolder> OpenAsync(EngineSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Ephemeral)
        {
            var temporary = ThrowAwayFolder.Create("run");
            OpenToServers(temporary);
            return new RunFolder(temporary, exclusive: null);
        }

        Directory.CreateDirectory(settings.DataFolder);
        OpenToServers(settings.DataFolder);
        var folder = new RunFolder(settings.DataFolder, Lock(settings.DataFolder));
        await folder.Processes.EndLeftoversAsync(cancellationToken).ConfigureAwait(false);
        return folder;
    }

    public string DataOf(string resource) => System.IO.Path.Combine(Path, resource);

    /// <summary>The password of a server: made when it is first asked for, and kept beside the data that it protects.</summary>
    public async Task<string> PasswordAsync(string resource, CancellationToken cancellationToken)
    {
        await _passwords.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var file = System.IO.Path.Combine(Path, "passwords.json");
            var known = File.Exists(file)
                ? JsonSerializer.Deserialize<SortedDictionary<string, string>>(await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false))!
                : [];
            if (!known.TryGetValue(resource, out var password))
            {
                known[resource] = password = RandomNumberGenerator.GetHexString(24);
                await PrivateFile.WriteAsync(file, JsonSerializer.Serialize(known), cancellationToken).ConfigureAwait(false);
            }

            return password;
        }
        finally
        {
            _passwords.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_lock is not null)
        {
            Processes.Close();
            await _lock.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            ThrowAwayFolder.Delete(Path);
        }

        _passwords.Dispose();
    }

    /// <summary>Nobody else reads it; under root, a server that runs as another user passes through to its own folder in it.</summary>
    private static void OpenToServers(string folder)
    {
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            File.SetUnixFileMode(folder, UnprivilegedUser.Needed is null ? OwnerOnly : OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }

    private static FileStream Lock(string folder)
    {
        var owner = System.IO.Path.Combine(folder, "owner");
        try
        {
            // Held until this process ends, however it ends.
            var exclusive = new FileStream(System.IO.Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            using var self = Process.GetCurrentProcess();
            File.WriteAllText(owner, self.Id.ToString(CultureInfo.InvariantCulture));
            return exclusive;
        }
        catch (IOException exception)
        {
            var who = File.Exists(owner) ? $" (process {File.ReadAllText(owner)})" : "";
            throw new DistributedApplicationException($"Another AppHost{who} is using the data folder {folder}. Stop it, or start this one with --ephemeral or with another --data-folder.", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new DistributedApplicationException($"The data folder {folder} belongs to another user. Start with --ephemeral or with another --data-folder, or delete it as that user.", exception);
        }
    }
}
