using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>
/// What people and programs do to an incident. Each takes a row lock, judges the state it finds, writes the change,
/// the timeline and the audit log in one transaction, and tells the open pages when it commits.
/// <c>expected</c> is the <see cref="Incident.Revision"/> the actor saw: when somebody else changed it since, the actor is told who, and nothing is overwritten.
/// </summary>
public sealed partial class IncidentActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>Topic of <see cref="ChangeSignal"/>; the id is the number.</summary>
    public const string Topic = "incidents";

    /// <summary>Longest note, comment, command or output, in characters.</summary>
    public const int MaxText = 20_000;

    public Task<Outcome<Incident>> AcknowledgeAsync(long number, Actor actor, string? comment, TimeSpan? expiresIn, int? expected, CancellationToken cancel) =>
        MoveAsync(number, actor, IncidentAction.Acknowledge, TimelineKind.Acknowledged, comment, expected, cancel, (incident, now) =>
        {
            incident.AcknowledgedAt = now;
            incident.AcknowledgedBy = actor.Name;
            incident.AcknowledgementExpiresAt = now + expiresIn;
            if (incident.AssigneeId is null && actor.Kind == ActorKind.Person) (incident.AssigneeId, incident.Assignee) = (actor.Id, actor.Name);
            return expiresIn is null ? Phrase.Of("timeline.acknowledged") : Phrase.Of("timeline.acknowledged_until", incident.AcknowledgementExpiresAt);
        });

    public Task<Outcome<Incident>> MitigateAsync(long number, Actor actor, string? comment, int? expected, CancellationToken cancel) =>
        MoveAsync(number, actor, IncidentAction.Mitigate, TimelineKind.Mitigated, comment, expected, cancel, (incident, now) =>
        {
            incident.MitigatedAt = now;
            return Phrase.Of("timeline.mitigated");
        });

    public Task<Outcome<Incident>> ResolveAsync(long number, Actor actor, string? comment, int? expected, CancellationToken cancel) =>
        MoveAsync(number, actor, IncidentAction.Resolve, TimelineKind.Resolved, comment, expected, cancel, (incident, now) =>
        {
            incident.Resolve(now, actor.Name);
            return Phrase.Of("timeline.resolved_by_hand");
        });

    /// <summary>The next step of the escalation at once, whatever holds paging back: somebody sees that it takes more than them.</summary>
    public Task<Outcome<Incident>> EscalateAsync(long number, Actor actor, string? comment, int? expected, CancellationToken cancel) =>
        MoveAsync(number, actor, IncidentAction.Escalate, TimelineKind.HelpAsked, comment, expected, cancel, (_, _) => Phrase.Of("timeline.help_asked"));

    public async Task<Outcome<Incident>> ReopenAsync(long number, Actor actor, string? comment, int? expected, CancellationToken cancel)
    {
        try
        {
            return await MoveAsync(number, actor, IncidentAction.Reopen, TimelineKind.Reopened, comment, expected, cancel, (incident, _) =>
            {
                incident.Reopen();
                return Phrase.Of("timeline.reopened");
            });
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // It began again meanwhile, under a new number: two open ones with one key would share its alerts.
            await using var db = await contexts.CreateDbContextAsync(cancel);
            var key = await db.Incidents.Where(i => i.Number == number).Select(i => i.GroupKey).SingleAsync(cancel);
            var other = await db.Incidents.Where(i => i.State != IncidentState.Resolved && i.GroupKey == key).Select(i => (long?)i.Number).FirstOrDefaultAsync(cancel);
            return Refusal.Conflict(Phrase.Of("incident.refused.same_key_open", other));
        }
    }

    /// <summary>Opens an incident that no alert speaks of.</summary>
    public async Task<Outcome<Incident>> DeclareAsync(Actor actor, string title, Severity severity, string? service, string? text, CancellationToken cancel)
    {
        if (title.Trim().Length is 0 or > 300) return Refusal.Invalid("title", Phrase.Of("input.length", 1, 300));
        if (TooLong(text, "text") is { } tooLong) return tooLong;
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (service is not null && !await db.Set<Service>().AnyAsync(s => s.Name == service, cancel)) return Refusal.Invalid("service", Phrase.Of("refused.not_found.service", service));
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var now = time.GetUtcNow();
        var incident = new Incident
        {
            Title = title.Trim(),
            Severity = severity,
            SeverityByHuman = true,
            Service = service,
            GroupKey = $"declared:{Guid.NewGuid():N}",
            OpenedAt = now,
            OpenedBy = actor.Name,
            AutoResolve = false,
            UpdatedAt = now,
        };
        db.Incidents.Add(incident);
        await db.SaveChangesAsync(cancel);
        Write(db, incident, actor, TimelineKind.Declared, text, Phrase.Of("timeline.declared"), null, now, pending: true);
        db.Audit.Add(AuditEntry.Of(actor, "incident.declare", $"#{incident.Number}", null, new { incident.Title, incident.Severity, incident.Service }, now));
        await CommitAsync(db, incident.Number, cancel);
        await transaction.CommitAsync(cancel);
        return incident;
    }

    public Task<Outcome<Incident>> NoteAsync(long number, Actor actor, string text, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(text)) return Task.FromResult<Outcome<Incident>>(Refusal.Invalid("text", Phrase.Of("input.required")));
        return ChangeAsync(number, actor, null, cancel, (db, incident, now) =>
        {
            Write(db, incident, actor, TimelineKind.Note, text, null, null, now);
            return new Change("incident.note", null, new { text });
        }, (text, "text"));
    }

    /// <summary>Records what was tried to bring the service back.</summary>
    public Task<Outcome<Incident>> RecordActionAsync(long number, Actor actor, string text, string? command, string? output, bool? helped, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(text)) return Task.FromResult<Outcome<Incident>>(Refusal.Invalid("text", Phrase.Of("input.required")));
        return ChangeAsync(number, actor, null, cancel, (db, incident, now) =>
        {
            var data = new RecoveryActionData(command, output, helped);
            Write(db, incident, actor, TimelineKind.Action, text, null, Json.Text(data), now);
            return new Change("incident.action", null, new { text, command, helped });
        }, (text, "text"), (command, "command"), (output, "output"));
    }

    /// <summary>Gives it to a person, or to nobody (null).</summary>
    public Task<Outcome<Incident>> AssignAsync(long number, Actor actor, Person? to, int? expected, CancellationToken cancel) =>
        ChangeAsync(number, actor, expected, cancel, (db, incident, now) =>
        {
            if (incident.AssigneeId == to?.Id) return null;
            var before = incident.Assignee;
            (incident.AssigneeId, incident.Assignee) = (to?.Id, to?.Name);
            incident.Revision++;
            Write(db, incident, actor, TimelineKind.Assigned, null, to is null ? Phrase.Of("timeline.unassigned") : Phrase.Of("timeline.assigned", to.Name), null, now);
            return new Change("incident.assign", new { assignee = before }, new { assignee = to?.Name });
        });

    public Task<Outcome<Incident>> SetSeverityAsync(long number, Actor actor, Severity severity, int? expected, CancellationToken cancel) =>
        ChangeAsync(number, actor, expected, cancel, (db, incident, now) =>
        {
            if (incident.Severity == severity) return null;
            var before = incident.Severity;
            (incident.Severity, incident.SeverityByHuman) = (severity, true);
            incident.Revision++;
            Write(db, incident, actor, TimelineKind.Severity, null, Phrase.Of("timeline.severity", before, severity), null, now, pending: severity > before);
            return new Change("incident.severity", new { severity = before }, new { severity });
        });

    private Task<Outcome<Incident>> MoveAsync(long number, Actor actor, IncidentAction action, TimelineKind kind, string? comment, int? expected, CancellationToken cancel, Func<Incident, DateTimeOffset, Phrase> apply) =>
        ChangeAsync(number, actor, expected, cancel, (db, incident, now) =>
        {
            var (before, after) = (Shown(incident), IncidentTransitions.After(incident.State, action));
            if (after.Refusal is { } refusal) return new Change(refusal);
            incident.State = after.Value;
            incident.Revision++;
            var phrase = apply(incident, now);
            Write(db, incident, actor, kind, string.IsNullOrWhiteSpace(comment) ? null : comment, phrase, null, now, pending: kind is TimelineKind.Resolved or TimelineKind.Reopened or TimelineKind.HelpAsked);
            return new Change($"incident.{Words.Of(action)}", before, Shown(incident, comment));
        }, (comment, "comment"));

    private async Task<Outcome<Incident>> ChangeAsync(long number, Actor actor, int? expected, CancellationToken cancel, Func<OpsDbContext, Incident, DateTimeOffset, Change?> change, params (string? Text, string Field)[] texts)
    {
        foreach (var (text, field) in texts)
            if (TooLong(text, field) is { } tooLong) return tooLong;
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var incident = await db.Incidents.FromSql($"select * from incidents where number = {number} for update").SingleOrDefaultAsync(cancel);
        if (incident is null) return Refusal.NotFound("incident", number);
        if (await StaleAsync(db, incident, expected, cancel) is { } stale) return stale;
        var now = time.GetUtcNow();
        var made = change(db, incident, now);
        if (made?.Refusal is { } refusal) return refusal;
        if (made is null) return incident;
        incident.UpdatedAt = now;
        db.Audit.Add(AuditEntry.Of(actor, made.Action, $"#{number}", made.Before, made.After, now));
        await CommitAsync(db, number, cancel);
        await transaction.CommitAsync(cancel);
        return incident;
    }

    /// <summary>Somebody else changed it since the actor looked: says who.</summary>
    private static async Task<Refusal?> StaleAsync(OpsDbContext db, Incident incident, int? expected, CancellationToken cancel)
    {
        if (expected is null || incident.Revision == expected) return null;
        var last = await db.Timeline.Where(t => t.IncidentNumber == incident.Number && t.Kind != TimelineKind.Told).OrderByDescending(t => t.Id).FirstAsync(cancel);
        return Refusal.Conflict(Phrase.Of("incident.changed_meanwhile", last.By, incident.State, incident.Assignee ?? "–"));
    }

    private static async Task CommitAsync(OpsDbContext db, long number, CancellationToken cancel)
    {
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Topic, number, cancel);
    }

    private static Refusal? TooLong(string? text, string field) =>
        text?.Length > MaxText ? Refusal.Invalid(field, Phrase.Of("input.too_long", MaxText))
        : text?.Contains('\0', StringComparison.Ordinal) == true ? Refusal.Invalid(field, Phrase.Of("input.nul")) : null;

    private static void Write(OpsDbContext db, Incident incident, Actor actor, TimelineKind kind, string? text, Phrase? phrase, string? data, DateTimeOffset now, bool pending = false) =>
        db.Timeline.Add(new TimelineEntry { IncidentNumber = incident.Number, At = now, Kind = kind, ActorKind = actor.Kind, ActorId = actor.Id, By = actor.Name, Text = text, Phrase = phrase, Data = data, Pending = pending });

    private static object Shown(Incident incident, string? comment = null) => new { incident.State, incident.Severity, incident.Assignee, incident.AcknowledgementExpiresAt, comment };

    private sealed record Change(string Action, object? Before, object? After)
    {
        public Change(Refusal refusal) : this("", null, null) => Refusal = refusal;

        public Refusal? Refusal { get; }
    }
}
