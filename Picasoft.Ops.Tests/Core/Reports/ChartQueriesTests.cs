using Microsoft.Extensions.Time.Testing;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Reports;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Reports;

/// <summary>A chart tells the percentiles of all checks of a piece, whether it is made of results, hours or days, and which incidents lay over it.</summary>
public class ChartQueriesTests(PostgresFixture postgres)
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 22, 18, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_days_percentiles_are_those_of_all_its_checks_not_an_average_of_its_hours()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        await node.AddAsync([new() { Name = "wiki", Type = "tcp", Service = "wiki" }]);
        // A quiet hour of 100 fast checks, and one of 10 slow ones, two of which fail.
        await node.AskAsync<object>("insert into probe_results select p.id, '2026-11-21 16:00+00'::timestamptz + g * interval '30 s', 10, true, null, 'alice' from probes p, generate_series(0, 99) g");
        await node.AskAsync<object>("insert into probe_results select p.id, '2026-11-21 17:00+00'::timestamptz + g * interval '30 s', 1000, g > 1, null, 'alice' from probes p, generate_series(0, 9) g");
        await node.AskAsync<object>("insert into incidents (title, state, severity, severity_by_human, service, group_key, opened_at, resolved_at, auto_resolve, impact, revision, updated_at, route, escalations, held, escalation_moment, flapping) select 'slow', 'Resolved', 'High', false, s, 'k' || s, '2026-11-21 17:00+00', '2026-11-21 17:30+00', true, '{}', 0, now(), '', '{default}', false, 0, false from unnest(array['wiki', 'other']) s");
        for (var i = 0; i < 2; i++) await new RollUpJob(node.Source, _time).RunAsync(default);
        var probe = (await node.Queries.FindAsync("wiki", default))!.Probe;
        var charts = new ChartQueries(node.Get<Microsoft.EntityFrameworkCore.IDbContextFactory<Picasoft.Ops.Core.Storage.OpsDbContext>>(), node.Queries);
        var now = _time.GetUtcNow();

        var day = (await charts.OfProbeAsync(probe, now.AddDays(-90), now, default)).Points.Single();
        Assert.Equal((110, 2, new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero)), (day.Checks, day.Failed, day.At));
        Assert.InRange(day.P50!.Value, 9.5, 10.5);
        Assert.InRange(day.P99!.Value, 950, 1050);
        Assert.InRange(day.P95!.Value, 950, 1050); // 8 of 108 good checks are slow

        var hours = (await charts.OfProbeAsync(probe, now.AddDays(-30), now, default)).Points;
        Assert.Equal([(100, 0), (10, 2)], hours.Select(h => (h.Checks, h.Failed)));
        Assert.InRange(hours[0].P99!.Value, 9.5, 10.5);

        var raw = await charts.OfProbeAsync(probe, now.AddDays(-2), now, default);
        Assert.Equal((110, 2), (raw.Points.Sum(p => p.Checks), raw.Points.Sum(p => p.Failed)));
        var incident = Assert.Single(raw.Incidents);
        Assert.Equal(("slow", TimeSpan.FromMinutes(30)), (incident.Title, incident.To!.Value - incident.From));
    }

    [Fact]
    public async Task Prevention_lists_warnings_with_their_picture_and_the_nearest_date_first()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        await node.AddAsync([new() { Name = "far", Type = "tls", Service = "wiki" }, new() { Name = "near", Type = "tls" }, new() { Name = "off", Type = "tls", Enabled = false }, new() { Name = "ping", Type = "tcp" }, new() { Name = "refused", Type = "tls" }, new() { Name = "new", Type = "domain_expiry" }]);
        await node.AskAsync<object>("insert into probe_series (probe_id, name, unit, warn) select id, 'days_left', 'd', 14 from probes where name in ('far', 'near', 'off', 'refused')");
        await node.AskAsync<object>("insert into measured_values select s.id, '2026-11-22 17:00+00'::timestamptz - g * interval '1 day', case when p.name = 'far' then 60 else 5 end + g from probe_series s join probes p on p.id = s.probe_id, generate_series(0, 1) g where p.name <> 'refused'");
        await node.AskAsync<object>("insert into probe_states (probe_id, status, since, failing, succeeding, last_at, last_ok, last_ms, last_reason) select id, 'Down', now(), 1, 0, now(), false, 1, '{\"Key\": \"probe.closed\", \"Args\": []}' from probes where name = 'refused'");
        await node.AskAsync<object>("insert into alerts (fingerprint, labels, annotations, starts_at, updated_at, source, pending) select f, l::jsonb, '{}', now(), now(), s, false from (values ('a', '{\"alertname\": \"trend_full\"}', 'trend'), ('b', '{\"alertname\": \"probe_down\"}', 'probe'), ('c', '{\"alertname\": \"probe_warning\"}', 'probe')) v (f, l, s)");
        var seen = await new PreventionQueries(node.Get<Microsoft.EntityFrameworkCore.IDbContextFactory<Picasoft.Ops.Core.Storage.OpsDbContext>>(), node.Source, _time).LookAsync(default);
        Assert.Equal([("near", 5.0), ("far", 60.0)], seen.Expiries.Select(e => (e.Probe, e.DaysLeft)));
        Assert.Equal([("new", null), ("refused", "probe.closed")], seen.Undated.Select(u => (u.Probe, u.State?.LastReason?.Key)));
        Assert.Equal(["a", "c"], seen.Warnings.Select(w => w.Fingerprint).Order(StringComparer.Ordinal));
    }
}
