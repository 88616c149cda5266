using System.Security.Cryptography;
using System.Text;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Storage;

/// <summary>Where the private server's files are, and whose they are.</summary>
/// <param name="Folder">Holds <c>data</c>, the password and the log; mode 0700, the account's.</param>
/// <param name="Sockets">Holds the socket.</param>
/// <param name="Account">Runs the server, since PostgreSQL refuses root; null when we are not root: ourselves.</param>
/// <param name="Note">What a human should know about the choice.</param>
internal sealed record PostgresPlace(string Folder, string Sockets, string? Account, string? Note)
{
    private const int LongestSocket = 107; // sockaddr_un
    private const string Elsewhere = "/var/lib/picasoft-ops-postgres";

    public static async Task<PostgresPlace> PrepareAsync(string dataFolder, CancellationToken cancel)
    {
        var account = AccountFor();
        var folder = Path.Combine(dataFolder, "postgres");
        var note = default(string);

        // A data folder that PostgreSQL's account cannot enter (below /root): its files go elsewhere, and a line in the data folder says where.
        var pointer = Path.Combine(dataFolder, "postgres.moved");
        if (File.Exists(pointer)) folder = (await File.ReadAllTextAsync(pointer, cancel)).Trim();
        await MakeAsync(folder, account, cancel);
        if (account is not null && !await CanEnterAsync(folder, account, cancel))
        {
            Directory.Delete(folder);
            folder = Path.Combine(Elsewhere, RandomNumberGenerator.GetHexString(8, lowercase: true));
            DataFolder.Make(Elsewhere);
            await MakeAsync(folder, account, cancel);
            await File.WriteAllTextAsync(pointer, folder + "\n", cancel);
            note = $"The account {account}, which runs PostgreSQL, cannot enter {dataFolder}: the database is in {folder} (said in {pointer}).";
        }

        var sockets = folder;
        if (Encoding.UTF8.GetByteCount(sockets) + "/.s.PGSQL.5432".Length > LongestSocket)
        {
            sockets = Path.Combine(RuntimeFolder(), "picasoft-ops-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..16]);
            await MakeAsync(sockets, account, cancel);
        }
        return new(folder, sockets, account, note);
    }

    private static string? AccountFor()
    {
        if (!Environment.IsPrivilegedProcess) return null;
        return File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres"
            : throw new PlainError("PostgreSQL refuses to run as root, and there is no account postgres to run it as: make one with useradd --system postgres, or start as a normal user.");
    }

    /// <summary>Also sets the mode of one that is there: a socket folder below /tmp that somebody else made is refused here.</summary>
    private static Task MakeAsync(string folder, string? account, CancellationToken cancel) =>
        OutsideProgram.CheckAsync(OutsideProgram.Info("install", ["-d", "-m", "0700", .. account is null ? Array.Empty<string>() : ["-o", account, "-g", account], folder]), cancel);

    private static async Task<bool> CanEnterAsync(string folder, string account, CancellationToken cancel) =>
        (await OutsideProgram.RunAsync(OutsideProgram.Info("test", ["-w", folder], account), cancel)).Exit == 0;

    private static string RuntimeFolder()
    {
        if (Environment.IsPrivilegedProcess) return "/run";
        var own = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        return !string.IsNullOrEmpty(own) && Directory.Exists(own) ? own : "/tmp";
    }
}
