using System.Security.Cryptography;
using Npgsql;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Storage;

/// <summary>A PostgreSQL that answers, for as long as this is not disposed: somebody else's, or our private one.</summary>
public sealed class Store : IAsyncDisposable
{
    private readonly DataLock? _lock;
    private readonly PrivatePostgres? _postgres;

    private Store(string connectionString, bool isPrivate, DataLock? held = null, PrivatePostgres? postgres = null) =>
        (ConnectionString, IsPrivate, _lock, _postgres) = (connectionString, isPrivate, held, postgres);

    public string ConnectionString { get; }

    /// <summary>Ours: no other node uses it.</summary>
    public bool IsPrivate { get; }

    /// <param name="alone">True: nobody else may be working on a private store. False: a store that a running <c>./ops run</c> holds is shared with it.</param>
    /// <param name="said">Hears what a human should know.</param>
    public static async Task<Store> OpenAsync(OpsSettings settings, bool alone, Action<string> said, TimeProvider time, CancellationToken cancel)
    {
        if (settings.ConnectionString is { } given) return new(await CheckedAsync(given, cancel), isPrivate: false);

        var data = DataFolder.Make(settings.Data);
        var (held, holder) = DataLock.TryTake(data, time);
        if (held is null)
            return alone
                ? throw new PlainError($"The state directory {data} is in use by {holder}: stop that one first, or name another with --data DIR.")
                : new(await CheckedAsync(await PrivatePostgres.ConnectionStringOfAsync(data, cancel), cancel), isPrivate: true);
        try
        {
            var postgres = await PrivatePostgres.StartAsync(data, time, cancel, said);
            return new(postgres.ConnectionString, isPrivate: true, held, postgres);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The key that seals secrets; made at the first start. It is not in the database, so a stolen dump holds no secret.</summary>
    public static string SecretKey(OpsSettings settings)
    {
        var key = settings.SecretKey?.Reveal().Trim();
        if (key is { Length: < 32 }) throw new PlainError("OPS_SECRET_KEY must have 32 characters or more: make one with openssl rand -hex 32.");
        if (key is not null) return key;
        var file = Path.Combine(DataFolder.Make(settings.Data), "secret.key");
        if (!File.Exists(file)) DataFolder.WriteSecret(file, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        return File.ReadAllText(file).Trim();
    }

    /// <summary>Where this one can be reached, for the sentence that a second <c>./ops run</c> says.</summary>
    public void Tell(string url) => _lock?.Tell(url);

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null) await _postgres.DisposeAsync();
        _lock?.Dispose();
    }

    private static async Task<string> CheckedAsync(string connectionString, CancellationToken cancel)
    {
        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
            await connection.OpenAsync(cancel);
            return connection.PostgreSqlVersion.Major >= 15 ? connectionString
                : throw new PlainError($"The database server is PostgreSQL {connection.PostgreSqlVersion}, and we need 15 or newer: upgrade it, or name another in ConnectionStrings__Ops.");
        }
        catch (Exception e) when (e is NpgsqlException or ArgumentException or System.Net.Sockets.SocketException)
        {
            throw new PlainError($"The database cannot be reached ({e.Message}): check ConnectionStrings__Ops, such as Host=db;Database=ops;Username=ops;Password=…", e);
        }
    }
}
