using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Core.Recovery.Engines;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>Looks at every cluster every few seconds, whichever node comes first; keeps what it saw, says what stays wrong, and writes a change of leader onto the incidents it concerns.</summary>
public sealed class ClusterRunner(IDbContextFactory<OpsDbContext> contexts, IEnumerable<IClusterEngine> engines, TimeProvider time, ILogger<ClusterRunner> log)
    : RoundRunner(time, TimeSpan.FromSeconds(1))
{
    /// <summary>Topic of <see cref="ChangeSignal"/>.</summary>
    public const string Topic = "clusters";

    private const int MaxBody = 256 * 1024;

    private static readonly TimeSpan _every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = _patience, PooledConnectionLifetime = TimeSpan.FromMinutes(1) }) { Timeout = _patience, MaxResponseContentBufferSize = MaxBody };

    /// <summary>Asks the members now; nothing is stored.</summary>
    public async Task<ClusterView> LookAsync(ClusterInput cluster, CancellationToken cancel)
    {
        var engine = engines.First(e => e.Kind == cluster.Engine);
        var asked = cluster.Members.Select(m => cluster.Engine == EngineKind.Ldap ? AskLdapAsync(m.Key, m.Value, cancel) : AskAsync(m.Key, m.Value, engine.Paths, cancel));
        if (cluster.Address is { } shared) asked = asked.Append(AskAsync(AddressEngine.Shared, shared, engine.Paths, cancel));
        var answers = await Task.WhenAll(asked);
        return engine.Read(answers, Time.GetUtcNow());
    }

    /// <summary>Looks at those that are due; says how many.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var clusters = await ClusterQueries.ReadAsync(db, cancel);
        var looked = 0;
        foreach (var cluster in clusters)
        {
            var now = Time.GetUtcNow();
            await db.Database.ExecuteSqlAsync($"insert into cluster_states (name, due_at, level, level_since, told) values ({cluster.Name}, {now}, 'Note', {now}, 'Note') on conflict do nothing", cancel);
            // Claimed before it is looked at: a member that does not answer holds no row lock.
            var next = now + _every;
            if (await db.Database.ExecuteSqlAsync($"update cluster_states set due_at = {next} where name = {cluster.Name} and due_at <= {now}", cancel) == 0) continue;
            await RecordAsync(cluster, await LookAsync(cluster, cancel), cancel);
            looked++;
        }
        var names = clusters.Select(c => c.Name).ToArray();
        if (await db.ClusterStates.AnyAsync(s => !names.Contains(s.Name), cancel)) await ForgetAsync(db, names, cancel);
        return looked;
    }

    /// <summary>A cluster that is no more has nothing to say.</summary>
    private async Task ForgetAsync(OpsDbContext db, string[] names, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var open = await OwnAlerts.OpenAsync(connection, ClusterTrouble.Source, cancel);
        await OwnAlerts.SettleAsync(connection, open, open.Where(a => names.Contains(a.Labels["cluster"], StringComparer.Ordinal)), Time.GetUtcNow(), cancel);
        await db.ClusterStates.Where(s => !names.Contains(s.Name)).ExecuteDeleteAsync(cancel);
        await transaction.CommitAsync(cancel);
    }

    private async Task RecordAsync(ClusterInput cluster, ClusterView view, CancellationToken cancel)
    {
        var now = view.At;
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var state = await db.ClusterStates.FromSql($"select * from cluster_states where name = {cluster.Name} for update").SingleOrDefaultAsync(cancel);
        if (state is null) return; // taken out of the configuration meanwhile
        if (state.Level != view.Worst || state.View is null) (state.Level, state.LevelSince) = (view.Worst, now);
        var told = ClusterTrouble.ToTell(state.Level, state.LevelSince, state.Told, now);
        if (told != state.Told)
        {
            var connection = (NpgsqlConnection)db.Database.GetDbConnection();
            await OwnAlerts.SettleAsync(connection, await OwnAlerts.OpenAsync(connection, ClusterTrouble.Source, cancel, "cluster", [cluster.Name]), ClusterTrouble.Wanted(cluster, view, told, state.LevelSince), now, cancel);
        }
        state.Told = told;
        state.Events = [.. state.Events.Concat(ClusterChanges.Between(cluster.Name, state.Leader, state.View, view)).TakeLast(ClusterChanges.Kept)];
        await TellIncidentsAsync(db, cluster, state.Events, now, cancel);
        state.Leader = view.Leader ?? state.Leader;
        state.View = view;
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>Onto the open incidents of the service and of what stands on it: what happened since, and just before: a failover begins before anybody has confirmed that something is down.</summary>
    private static async Task TellIncidentsAsync(OpsDbContext db, ClusterInput cluster, IReadOnlyList<ClusterEvent> events, DateTimeOffset now, CancellationToken cancel)
    {
        if (cluster.Service is not { } service || events.Count == 0) return;
        var open = await db.Incidents.AsNoTracking().Where(i => i.State != IncidentState.Resolved && i.Service != null).Select(i => new { i.Number, i.Service, i.OpenedAt }).ToListAsync(cancel);
        open = open.FindAll(i => events[^1].At >= i.OpenedAt - ClusterChanges.Before);
        if (open.Count == 0) return;
        var map = ServiceMap.Of(await db.Services.AsNoTracking().ToListAsync(cancel));
        foreach (var incident in open.Where(i => i.Service == service || map.DependenciesOf(i.Service!).ContainsKey(service)))
        {
            var told = (await db.Timeline.AsNoTracking().Where(t => t.IncidentNumber == incident.Number && t.Kind == TimelineKind.Engine).Select(t => t.Phrase).ToListAsync(cancel)).OfType<Phrase>().ToHashSet();
            var fresh = events.Where(e => e.At >= incident.OpenedAt - ClusterChanges.Before).Select(e => Phrase.Of("cluster.event", e.At, e.Words)).Where(e => !told.Contains(e)).Distinct().Take(ClusterChanges.MostPerIncident - told.Count).ToList();
            foreach (var words in fresh) db.Timeline.Add(PlanWriter.Entry(TimelineKind.Engine, words, null, pending: false, now, incident.Number));
            if (fresh.Count > 0) await ChangeSignal.PublishAsync(db, IncidentActions.Topic, incident.Number, cancel);
        }
    }

    private static async Task<MemberAnswer> AskLdapAsync(string name, string url, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_patience);
        var address = new Uri(url);
        (int, string) said;
        try
        {
            said = (200, string.Join('\n', await LdapProbe.ReadCsnAsync(address.Host, address.Port < 1 ? 389 : address.Port, Uri.UnescapeDataString(address.AbsolutePath[1..]), limit.Token)));
        }
        catch (Exception e) when (e is ProbeFailure) { said = (403, e.Message); }
        catch (Exception) when (!cancel.IsCancellationRequested) { said = (0, ""); }
        return new(name, new Dictionary<string, (int, string)>(StringComparer.Ordinal) { [LdapEngine.Csn] = said });
    }

    private async Task<MemberAnswer> AskAsync(string name, string url, IReadOnlyList<string> paths, CancellationToken cancel)
    {
        var said = await Task.WhenAll(paths.Select(async path => (path, answer: await GetAsync(url.TrimEnd('/') + path, cancel))));
        return new(name, said.ToDictionary(s => s.path, s => s.answer, StringComparer.Ordinal));
    }

    private async Task<(int Status, string Body)> GetAsync(string url, CancellationToken cancel)
    {
        try
        {
            using var answer = await _client.GetAsync(url, cancel);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(cancel));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !cancel.IsCancellationRequested) { return (0, ""); }
    }

    protected override Task RoundAsync(CancellationToken cancel) => RunOnceAsync(cancel);

    protected override void RoundFailed(Exception exception) => RecoveryLog.LookingFailed(log, exception);

    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }
}
