using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Syslog;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Tests.Support;

/// <summary>The real product hearing syslog on ports of its own, and what it made of the lines. A class fixture: its tests use rules of their own.</summary>
public sealed class LogNode(PostgresFixture postgres) : IAsyncLifetime
{
    public RunningApp App { get; private set; } = null!;

    public TempFolder Folder { get; } = new();

    public LogIntake Intake => App.Services.GetRequiredService<LogIntake>();

    public async ValueTask InitializeAsync()
    {
        using var authority = TestCertificates.Authority();
        TestCertificates.Write(authority, "localhost", Folder["server.pem"]);
        TestCertificates.Write(authority, "sender", Folder["sender.pem"]);
        await File.WriteAllTextAsync(Folder["ca.pem"], authority.ExportCertificatePem());
        using var stranger = TestCertificates.Authority();
        TestCertificates.Write(stranger, "sender", Folder["stranger.pem"]);
        App = await RunningApp.StartAsync(postgres, syslog: $"tcp://127.0.0.1:0,udp://127.0.0.1:0,tls://127.0.0.1:0?cert={Folder["server.pem"]}&clients={Folder["ca.pem"]}");
        await Eventually.TrueAsync(() => Task.FromResult(Listener.Addresses.Count == 3), "syslog is heard on three places");
    }

    private SyslogListener Listener => App.Services.GetRequiredService<SyslogListener>();

    /// <summary>The third place: TLS is TCP to the socket.</summary>
    public int TlsPort => Listener.Addresses.Last(a => a.Transport == SyslogTransport.Tcp && a.Address.Port != Address(SyslogTransport.Tcp).Port).Address.Port;

    public IPEndPoint Address(SyslogTransport transport) => Listener.Addresses.First(a => a.Transport == transport).Address;

    /// <summary>Makes a rule, and waits until lines are looked at by it.</summary>
    public async Task RuleAsync(LogRuleInput rule)
    {
        var outcome = await App.Services.GetRequiredService<LogRuleActions>().CreateAsync(rule, Actor.System, CancellationToken.None);
        Assert.True(outcome.IsDone, outcome.Refusal?.ToString());
        await Intake.LoadAsync(CancellationToken.None);
    }

    public async Task<IReadOnlyList<LogEvidence>> LinesAsync(string rule) => await App.Services.GetRequiredService<LogQueries>().RecentAsync(rule, null, null, 1000, CancellationToken.None);

    public async Task<IReadOnlyList<LogEvidence>> WaitAsync(string rule, int count)
    {
        IReadOnlyList<LogEvidence> lines = [];
        await Eventually.TrueAsync(async () => (lines = await LinesAsync(rule)).Count >= count, $"{count} lines of {rule} are kept");
        return lines;
    }

    public async Task<IReadOnlyList<Alert>> AlertsAsync(string rule)
    {
        await using var db = await App.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        return [.. (await db.Alerts.AsNoTracking().ToListAsync()).Where(a => a.Labels["rule"] == rule)];
    }

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var command = App.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        Folder.Dispose();
    }
}
