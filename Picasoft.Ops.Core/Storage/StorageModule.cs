using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Storage;

/// <summary>Registers the store: the data source, contexts from a factory, news of changes, sealed secrets, the clock.</summary>
public static class StorageModule
{
    /// <summary>The project that holds the generated migrations.</summary>
    public const string MigrationsAssembly = "Picasoft.Ops.Migrations";

    /// <param name="secretKey">Seals the secrets in the store; see <see cref="SecretBox"/>.</param>
    public static IServiceCollection AddStorage(this IServiceCollection services, string connectionString, string secretKey)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddNpgsqlDataSource(Careful(connectionString));
        services.AddDbContextFactory<OpsDbContext>((provider, options) => options.UseOps(provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddSingleton<ISecretBox>(new SecretBox(secretKey));
        services.AddSingleton(new LinkSigner(secretKey));
        services.AddSingleton<ChangeSignal>();
        services.AddHostedService<ChangeListener>();
        services.AddHostedService<MemoryRunner>();
        return services;
    }

    /// <summary>
    /// What must hold of several servers. Npgsql asks an idle session what its server is before it lends it, and allows for the answer what is left of <c>Timeout</c> in whole seconds:
    /// of one second that is 0, which means for ever, and not even a cancellation ends that wait. So there are at least two.
    /// And a commit that waits for its standby must not be cancelled after <c>Command Timeout</c>: it would look done. A cancellation time that was written by hand stays.
    /// What a node held that was cut off, or whose proxy was, must be free for the others: the server gives up a transaction in which nothing happens. Options that were written by hand stay.
    /// </summary>
    public static string Careful(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (!IsSeveral(settings)) return connectionString;
        if (settings.Timeout == 1) settings.Timeout = 2;
        if (!connectionString.Replace(" ", "", StringComparison.Ordinal).Contains("CancellationTimeout", StringComparison.OrdinalIgnoreCase)) settings.CancellationTimeout = -1;
        if (string.IsNullOrEmpty(settings.Options)) settings.Options = "-c idle_in_transaction_session_timeout=10s";
        return settings.ConnectionString;
    }

    private static bool IsSeveral(NpgsqlConnectionStringBuilder settings) => settings.Host?.Contains(',', StringComparison.Ordinal) == true;

    /// <summary>How every context of ours speaks to PostgreSQL: the same for the product, the tests and <c>dotnet ef</c>.</summary>
    public static DbContextOptionsBuilder UseOps(this DbContextOptionsBuilder options, NpgsqlDataSource source) => options
        .UseNpgsql(source, npgsql => npgsql.MigrationsAssembly(MigrationsAssembly).ExecutionStrategy(dependencies => new ReadAgain(dependencies)))
        .AddInterceptors(ReadAgain.Watch.Instance)
        .UseSnakeCaseNamingConvention();

    /// <summary>A context outside a container.</summary>
    public static OpsDbContext NewContext(NpgsqlDataSource source) =>
        new((DbContextOptions<OpsDbContext>)new DbContextOptionsBuilder<OpsDbContext>().UseOps(source).Options);

    private sealed class ChangeListener(ChangeSignal signal, TimeProvider time) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => signal.ListenAsync(time, stoppingToken);
    }
}
