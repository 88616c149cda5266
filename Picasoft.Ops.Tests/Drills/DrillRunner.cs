using System.Diagnostics;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>Runs within the people's side: starts the three machines, the writers and the product, breaks one thing after the other, and judges.</summary>
internal sealed class DrillRunner(Lab lab, bool isPatient, Action<DrillResult> print, CancellationToken cancel) : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
    private readonly Cluster _cluster = new(lab);
    private readonly Product _product = new(lab);
    private readonly Watch _watch = new(lab);
    private readonly List<Writer> _writers = [];
    private SqlWriter _sql = null!;
    private Task _work = Task.CompletedTask;

    /// <param name="scenarios">Asked for the next one when the one before is over.</param>
    /// <param name="records">Receives each as it is over, also when a later one cannot go on.</param>
    public async Task RunAsync(IEnumerable<Scenario> scenarios, List<DrillRecord> records)
    {
        var watch = Stopwatch.StartNew();
        await StartAsync();
        Say($"All three machines are up after {watch.Elapsed.TotalSeconds:0} s, written to and watched. Profile: {lab.Profile}.");
        foreach (var scenario in scenarios) records.Add(await DrillAsync(scenario));
    }

    private async Task StartAsync()
    {
        foreach (var host in lab.All) host.Start("etcd");
        foreach (var host in lab.All) host.Start("patroni", "haproxy", "keepalived", "slapd");
        _sql = new(lab.Secret("postgres"));
        await UntilAsync("PostgreSQL takes writes through the virtual address", async () => { await _sql.CreateAsync(_end.Token); return true; });
        foreach (var host in lab.All) host.Start("disk-guard", "etherpad", "mattermost", "ops");
        var ldap = new LdapWriter(lab.Secret("ldap"));
        await UntilAsync("LDAP takes entries", () => Task.Run(() => { ldap.Create(); return true; }));
        await UntilAsync("the product is configured", async () => { await _product.ConfigureAsync(); return true; });
        _writers.AddRange([_sql, ldap, new AlertWriter(_sql)]);
        if (lab.Etherpad is not null)
        {
            var pad = new PadWriter(lab.Secret("etherpad_api"));
            await UntilAsync("Etherpad takes a pad", () => pad.TryCreateAsync(_end.Token));
            _writers.Add(pad);
        }
        foreach (var example in lab.Examples)
        {
            await example.SetUpAsync(lab);
            foreach (var host in lab.All) host.Start([.. example.Servers(host).Select(s => s.Name)]);
            var writer = example.Write(lab);
            await UntilAsync($"{example.Name} takes what is written", () => writer.TryCreateAsync(_end.Token));
            _writers.Add(writer);
        }
        _work = Task.WhenAll([.. _writers.Select(w => w.RunAsync(_end.Token)), _watch.RunAsync(_end.Token)]);
        await WholeAsync();
    }

    private async Task<DrillRecord> DrillAsync(Scenario scenario)
    {
        await QuietAsync();
        var rig = new Rig(lab, _cluster, _product, _watch, Say, _end.Token);
        var at = TimeProvider.System.GetUtcNow();
        var broken = await scenario.Break(rig);
        Say($"{scenario.Name}: {broken.What}");
        // It lasts until everybody can write again; then the product has its time to notice and to tell.
        await Task.Delay(TimeSpan.FromSeconds(4), _end.Token);
        await UntilAsync("everybody writes again", () => Task.FromResult(_writers.TrueForAll(w => w.LongestGap(TimeProvider.System.GetUtcNow().AddSeconds(-2.5), TimeProvider.System.GetUtcNow()) < TimeSpan.FromSeconds(2))), mustHold: false);
        var writesAgain = TimeProvider.System.GetUtcNow();
        var (noticed, mail) = await NoticedAsync(broken, at);
        var remark = broken.CheckAsync is { } check ? await check() : null;
        var gaps = _writers.ToDictionary(w => w.Service, w => w.LongestGap(at, writesAgain));

        var mended = Stopwatch.StartNew();
        await broken.MendAsync();
        var whole = await WholeAsync(mustHold: false);
        var returned = mended.Elapsed.TotalSeconds;
        List<string> remarks = [.. new[] { remark, whole ? null : "it was not whole again within three minutes" }.OfType<string>()];

        var lost = new Dictionary<Writer, int>();
        foreach (var writer in _writers) lost[writer] = await LostAsync(writer, remarks);
        if (broken.Island is { } island) lost[_sql] += await IslandLostAsync(await island, remarks);
        remarks.AddRange(_watch.TwoPrimaries(at).Select(h => $"two primaries at once: {h}"));
        var results = _writers.ConvertAll(writer => Judge(scenario, broken, writer, gaps[writer.Service].TotalSeconds, lost[writer], noticed is { } n ? (n.OpenedAt - at).TotalSeconds : null, mail is { } m ? (m - at).TotalSeconds : null, remarks.Count == 0));
        foreach (var result in results) print(result);
        foreach (var note in remarks) Say($"  {note}");
        var recorded = new List<string>();
        foreach (var incident in (await _product.IncidentsAsync(at) ?? []).Where(i => i.Service != "drill").OrderBy(i => i.OpenedAt))
        {
            recorded.Add($"+{(incident.OpenedAt - at).TotalSeconds:0.0} s #{incident.Number} {incident.Title} ({incident.State})");
            recorded.AddRange((await _product.EngineWordsAsync(incident)).Select(w => "  engine: " + w));
        }
        return new(scenario.Name, broken.What, at, returned, results, recorded,
            [.. _product.Mails.Where(m => m.At >= at).Select(m => $"+{(m.At - at).TotalSeconds:0.0} s {m.Subject}")], remarks);
    }

    private DrillResult Judge(Scenario scenario, Broken broken, Writer writer, double gap, int lost, double? noticed, double? paged, bool isSound)
    {
        var aim = writer.Limit(scenario.IsPlanned).TotalSeconds;
        if (lab.Profile == "portable" && !scenario.IsPlanned) aim += 12; // ttl 20 instead of 10, and slower checks
        if (isPatient) aim = 150; // a machine that does other work as well says nothing about seconds, but nothing may be lost and all must come back
        var told = isPatient || broken.Watched.Length == 0 || paged is not null;
        return new(scenario.Name, writer.Service, Math.Round(gap, 2), lost, noticed is { } n ? Math.Round(n, 2) : null, paged is { } p ? Math.Round(p, 2) : null, gap <= aim && lost == 0 && told && isSound);
    }

    /// <summary>The first incident about it, and the first mail about that incident.</summary>
    private async Task<(SeenIncident? Incident, DateTimeOffset? Mail)> NoticedAsync(Broken broken, DateTimeOffset at)
    {
        if (broken.Watched.Length == 0) return (null, null);
        SeenIncident? incident = null;
        DateTimeOffset? mail = null;
        await UntilAsync("the product noticed and told", async () =>
        {
            var about = (await _product.IncidentsAsync(at.AddSeconds(-1)) ?? []).Where(i => broken.Watched.Contains(i.Service)).OrderBy(i => i.OpenedAt).ToList();
            incident = about.FirstOrDefault();
            mail = about.SelectMany(_product.MailsOf).Where(m => m.At >= at).Select(m => (DateTimeOffset?)m.At).Min();
            return mail is not null;
        }, mustHold: false, seconds: 60);
        if (mail is null) Say(await _product.StoryAsync(broken.Watched));
        return (incident, mail);
    }

    private async Task<int> LostAsync(Writer writer, List<string> remarks)
    {
        IReadOnlyList<long>? lost = null;
        await UntilAsync($"what was written to {writer.Service} is read again", async () => (lost = await writer.LostAsync(_end.Token)).Count == 0, mustHold: false, seconds: 20);
        // What nobody could read is not proven to be there.
        if (lost is null) remarks.Add($"what was written to {writer.Service} could not be read: how much is lost is not known");
        else if (lost.Count > 0) Say($"  {writer.Service}: acknowledged and gone: {string.Join(", ", lost.Take(10))}");
        return lost?.Count ?? 0;
    }

    private async Task<int> IslandLostAsync(IReadOnlyList<long> acknowledged, List<string> remarks)
    {
        IReadOnlySet<long>? present = null;
        await UntilAsync("what was written on the machine that was cut off is read again", async () => { present = await _sql.IdsAsync("select id from island", _end.Token); return true; }, mustHold: false, seconds: 20);
        if (present is null)
        {
            remarks.Add("what was written on the machine that was cut off could not be read: how much is lost is not known");
            return 0;
        }
        var lost = acknowledged.Count(id => !present.Contains(id));
        if (lost > 0) remarks.Add($"the machine that was cut off acknowledged {acknowledged.Count} writes, and {lost} of them are gone");
        return lost;
    }

    private Task<bool> WholeAsync(bool mustHold = true)
    {
        IReadOnlyList<string> missing = [];
        return UntilAsync(() => $"everything is whole (missing: {string.Join(", ", missing)})", async () => (missing = await _cluster.MissingAsync(_product)).Count == 0, mustHold, _patience.TotalSeconds);
    }

    /// <summary>Nothing is broken, and the product knows it: what opens next is about the next drill. What came and went with every drill stays open for half an hour, so that it is not told each time.</summary>
    private async Task QuietAsync()
    {
        await WholeAsync();
        IReadOnlyList<SeenIncident>? open = null;
        await UntilAsync(() => $"every incident is over (open: {string.Join(", ", (open ?? []).Select(i => i.Title))})", async () => (open = [.. (await _product.IncidentsAsync() ?? throw new InvalidOperationException("the product did not answer")).Where(i => i.Service != "drill" && i.State != "resolved" && !i.IsFlapping)]).Count == 0, mustHold: false, seconds: 60);
    }

    private Task<bool> UntilAsync(string what, Func<Task<bool>> isTrue, bool mustHold = true, double seconds = 180) => UntilAsync(() => what, isTrue, mustHold, seconds);

    private async Task<bool> UntilAsync(Func<string> what, Func<Task<bool>> isTrue, bool mustHold, double seconds)
    {
        var watch = Stopwatch.StartNew();
        Exception? last = null;
        while (true)
        {
            _end.Token.ThrowIfCancellationRequested();
            try
            {
                if (await isTrue()) return true;
            }
            catch (Exception e) when (e is not OperationCanceledException) { last = e; }
            if (watch.Elapsed.TotalSeconds > seconds)
            {
                if (mustHold) throw new InvalidOperationException($"Not within {seconds:0} s: {what()}. {last?.Message}", last);
                Say($"  not within {seconds:0} s: {what()} {last?.Message}");
                return false;
            }
            await Task.Delay(200, _end.Token);
        }
    }

    private static void Say(string text) => Console.Error.WriteLine($"{TimeProvider.System.GetLocalNow():HH:mm:ss} {text}");

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAny(_work, Task.Delay(TimeSpan.FromSeconds(5), CancellationToken.None));
        foreach (var writer in _writers) writer.Dispose();
        _cluster.Dispose();
        await _product.DisposeAsync();
        _end.Dispose();
    }
}
