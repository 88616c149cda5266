using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Web.Demo;

/// <summary>A month that never was, so that a newcomer sees bars, charts and a history to search. The same month at every start.</summary>
internal sealed class DemoHistory(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    private const int Days = 30;

    private static readonly (string Service, string Title, Severity Severity, Phrase Reason, string Action, string Command)[] _troubles =
    [
        ("mattermost", "Mattermost", Severity.Critical, Phrase.Of("probe.status", 502, "200–299"), "Restarted the container", "docker compose restart mattermost"),
        ("etherpad", "Etherpad", Severity.High, Phrase.Of("probe.refused", "127.0.0.1:9001"), "Restarted Etherpad: it had lost its database connection", "docker compose restart etherpad"),
        ("postgres", "PostgreSQL", Severity.Critical, Phrase.Of("probe.refused", "127.0.0.1:5432"), "Freed 4 GB of old WAL, then started it again", "systemctl start postgresql"),
        ("wekan", "Wekan", Severity.Medium, Phrase.Of("probe.status", 503, "200–299"), "Waited for MongoDB to finish compacting", ""),
        ("mail", "Mail", Severity.High, Phrase.Of("probe.refused", "127.0.0.1:25"), "Started Postfix again", "systemctl restart postfix"),
    ];

    public async Task WriteAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var now = time.GetUtcNow();
        var random = new Random(20261122);
        for (var day = Days; day >= 1; day--)
            for (var i = random.Next(0, 3); i > 0; i--)
                await WriteIncidentAsync(db, random, now.AddDays(-day).AddMinutes(random.Next(0, 1200)), cancel);
        var services = await db.Probes.ToDictionaryAsync(p => p.Id, p => p.Service, cancel);
        foreach (var probe in services.Keys) WriteHours(db, random, probe, now);
        foreach (var day in db.ProbeDays.Local.Where(d => services[d.ProbeId] is not null).GroupBy(d => (Service: services[d.ProbeId]!, d.Day)))
            db.ServiceDays.Add(new ServiceDay { Service = day.Key.Service, Day = day.Key.Day, Availability = day.Min(d => 1 - ((double)d.Failed / d.Checks)) });
        await db.SaveChangesAsync(cancel);
    }

    private static async Task WriteIncidentAsync(OpsDbContext db, Random random, DateTimeOffset at, CancellationToken cancel)
    {
        var trouble = _troubles[random.Next(_troubles.Length)];
        var (acknowledged, resolved) = (at.AddSeconds(random.Next(40, 900)), at.AddSeconds(random.Next(1000, 5400)));
        var who = random.Next(2) == 0 ? "camille" : "sacha";
        var summary = Phrase.Of("probe.alert", trouble.Title, trouble.Reason);
        var incident = new Incident
        {
            Title = summary.In(System.Globalization.CultureInfo.GetCultureInfo("en")),
            TitlePhrase = summary,
            Severity = trouble.Severity,
            Service = trouble.Service,
            GroupKey = $"service:{trouble.Service}",
            State = IncidentState.Resolved,
            OpenedAt = at,
            AcknowledgedAt = acknowledged,
            AcknowledgedBy = who,
            Assignee = who,
            ResolvedAt = resolved,
            UpdatedAt = resolved,
            ToldAt = at,
            Revision = 2,
        };
        db.Incidents.Add(incident);
        await db.SaveChangesAsync(cancel);
        Tell(at, TimelineKind.Opened, ActorKind.System, Actor.System.Name, Phrase.Of("timeline.opened", $"{trouble.Service}-http"));
        Tell(acknowledged, TimelineKind.Acknowledged, ActorKind.Person, who, Phrase.Of("timeline.acknowledged"));
        Tell(acknowledged.AddMinutes(4), TimelineKind.Action, ActorKind.Person, who, null, trouble.Action, Json.Text(new RecoveryActionData(trouble.Command.Length == 0 ? null : trouble.Command, null, random.Next(5) > 0)));
        Tell(resolved, TimelineKind.Resolved, ActorKind.System, Actor.System.Name, Phrase.Of("timeline.alerts_ended"));

        void Tell(DateTimeOffset when, TimelineKind kind, ActorKind actor, string by, Phrase? phrase, string? text = null, string? data = null) =>
            db.Timeline.Add(new TimelineEntry { IncidentNumber = incident.Number, At = when, Kind = kind, ActorKind = actor, By = by, Phrase = phrase, Text = text, Data = data });
    }

    private static void WriteHours(OpsDbContext db, Random random, long probe, DateTimeOffset now)
    {
        var first = new DateTimeOffset(now.Year, now.Month, now.Day, 0, 0, 0, TimeSpan.Zero).AddDays(-Days);
        ProbeDay? day = null;
        for (var hour = first; hour < now.AddHours(-1); hour = hour.AddHours(1))
        {
            var bad = random.Next(120) == 0 ? random.Next(20, 400) : 0;
            var usual = 20 + (random.NextSingle() * 15) + (hour.Hour is > 7 and < 20 ? 10 : 0);
            short[] buckets = [Latencies.BucketOf(usual * 0.9), Latencies.BucketOf(usual * 2), Latencies.BucketOf(usual * 5)];
            int[] counts = [(720 - bad) * 9 / 10, (720 - bad) / 12, (720 - bad) / 60];
            db.ProbeHours.Add(new ProbeHour { ProbeId = probe, Hour = hour, Checks = 720, Failed = bad, MsAverage = usual, MsP50 = usual * 0.9f, MsP95 = usual * 2, MsMax = usual * 5, Buckets = buckets, Counts = counts });
            if (hour.Hour == 0) day = db.ProbeDays.Add(new ProbeDay { ProbeId = probe, Day = hour, MsAverage = usual, MsMax = usual * 5, Buckets = buckets, Counts = [.. counts.Select(c => c * 24)] }).Entity;
            (day!.Checks, day.Failed) = (day.Checks + 720, day.Failed + bad);
        }
    }
}
