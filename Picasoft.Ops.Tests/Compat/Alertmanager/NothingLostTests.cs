using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Npgsql;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Compat.Alertmanager;

/// <summary>
/// kill -9 at random instants under load, of the application or of its PostgreSQL: what was answered with 200 is there, nothing is there twice, and every incident is told.
/// Fifty times in every run; as often as <c>OPS_TEST_KILLS</c> says otherwise.
/// </summary>
public sealed class NothingLostTests
{
    private const string Token = "a-token-for-tests-with-all-scopes-0123456789";
    private const int Senders = 6;

    /// <summary>So many, then the next service fails: incidents open, and people are told, while everything dies.</summary>
    private const int AlertsOfAService = 50;

    private static readonly int _kills = int.TryParse(Environment.GetEnvironmentVariable("OPS_TEST_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 50;

    private readonly ConcurrentBag<string> _answered = [];
    private int _sent;
    private volatile OpsHost? _ops;

    [Fact]
    public async Task What_was_answered_is_there_once_whatever_dies()
    {
        using var folder = new TempFolder();
        await using var smtp = new ScriptedSmtp();
        var data = folder["data"];
        _ops = await StartAsync(data);
        await File.WriteAllTextAsync(folder["ops.yaml"], string.Create(CultureInfo.InvariantCulture, $$$"""
            version: 1
            channels:
              - {name: mail, type: email, fold_storms: false, from: ops@example.org, to: [tech@example.org], smtp: {host: 127.0.0.1, port: {{{smtp.Port}}}, tls: none}}
            """));
        var applied = await OpsHost.VerbAsync("apply", folder["ops.yaml"], "--data", data);
        Assert.True(applied.Exit == 0, applied.Error);

        using var enough = new CancellationTokenSource();
        var senders = Enumerable.Range(0, Senders).Select(s => SendAsync(s, enough.Token)).ToArray();
        var random = new Random(42);
        for (var kill = 0; kill < _kills; kill++)
        {
            var before = _answered.Count;
            await Eventually.TrueAsync(() => Task.FromResult(_answered.Count > before + 5), $"it answers again before kill {kill}; it said {_ops.Output}");
            await Task.Delay(random.Next(250)); // the instant is the test's subject
            if (kill % 5 == 4)
            {
                var dying = _ops;
                _ops = null;
                await dying.KillAsync();
                _ops = await StartAsync(data);
                await dying.DisposeAsync();
            }
            else KillPostgres(data);
        }
        var last = _answered.Count;
        await Eventually.TrueAsync(() => Task.FromResult(_answered.Count > last + 5), "it answers after the last kill");
        await enough.CancelAsync();
        await Task.WhenAll(senders);

        await using var source = NpgsqlDataSource.Create(await PrivatePostgres.ConnectionStringOfAsync(data, default));
        await Eventually.TrueAsync(async () => await AskAsync(source, "select count(*) from alerts where pending") == 0, "every alert was handed over");
        var stored = await StoredAsync(source);
        Assert.Empty(_answered.Except(stored));
        Assert.Equal(stored.Count, stored.Distinct().Count());
        var incidents = await AskAsync(source, "select count(distinct labels ->> 'service') from alerts");
        Assert.True(incidents >= Senders);
        Assert.Equal(incidents, await AskAsync(source, "select count(*) from incidents"));
        Assert.Equal(0, await AskAsync(source, "select count(*) from alerts where incident_id is null"));
        // Of each incident one message was decided, and each was sent: what death cut short between the mail server's yes and our commit goes again, under the same identity.
        await Eventually.TrueAsync(async () => await AskAsync(source, "select count(*) from deliveries where state = 'Sent'") >= incidents, "people are told", 300);
        Assert.Equal(incidents, await AskAsync(source, "select count(*) from deliveries"));
        Assert.Equal(incidents, await AskAsync(source, "select count(distinct incident_number) from deliveries"));
        Assert.Equal(incidents, smtp.Messages.Select(m => m.MessageId).Distinct().Count());
        TestContext.Current.TestOutputHelper?.WriteLine($"{_kills} kills, {_answered.Count} of {_sent} alerts answered with 200, {stored.Count} stored; {incidents} incidents and messages, {smtp.Messages.Count - incidents} of them came twice under the same Message-ID");
        await _ops.DisposeAsync();
    }

    private static Task<OpsHost> StartAsync(string data) => OpsHost.StartAsync(data, environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_TOKEN"] = Token });

    private async Task SendAsync(int sender, CancellationToken enough)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2) }) { Timeout = TimeSpan.FromSeconds(20) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        var sent = 0;
        var ends = TimeProvider.System.GetUtcNow().AddHours(2).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        while (!enough.IsCancellationRequested)
        {
            var id = $"n{Interlocked.Increment(ref _sent)}";
            try
            {
                if (_ops is not { } ops) throw new HttpRequestException("between two lives");
                using var body = new StringContent($$"""[{"labels": {"alertname": "Kill", "service": "s{{sender}}-{{sent++ / AlertsOfAService}}", "n": "{{id}}"}, "endsAt": "{{ends}}"}]""", Encoding.UTF8, "application/json");
                using var answer = await client.PostAsync(new Uri(ops.Address, "/api/v2/alerts"), body, CancellationToken.None);
                if (answer.IsSuccessStatusCode) _answered.Add(id);
                else await Task.Delay(20, CancellationToken.None);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or InvalidOperationException)
            {
                await Task.Delay(20, CancellationToken.None); // nothing was promised
            }
        }
    }

    private static void KillPostgres(string data)
    {
        var file = Directory.EnumerateFiles(data, "postmaster.pid", SearchOption.AllDirectories).SingleOrDefault();
        if (file is null || !int.TryParse(File.ReadLines(file).FirstOrDefault(), CultureInfo.InvariantCulture, out var pid)) return;
        try
        {
            using var postgres = Process.GetProcessById(pid);
            if (postgres.ProcessName == "postgres") postgres.Kill();
        }
        catch (ArgumentException) { } // down already
    }

    private static async Task<long> AskAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<List<string>> StoredAsync(NpgsqlDataSource source)
    {
        var found = new List<string>();
        await using var command = source.CreateCommand("select labels ->> 'n' from alerts");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) found.Add(reader.GetString(0));
        return found;
    }
}
