using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.OnCall;

/// <summary>All schedules with their changes, ready to ask. Pure but for how it is read.</summary>
public sealed class OnCallBook
{
    private readonly Dictionary<string, OnCallCalendar> _calendars;

    public OnCallBook(IEnumerable<ScheduleInput> schedules, IReadOnlyList<OnCallChange> changes) =>
        _calendars = schedules.ToDictionary(s => s.Name, s => new OnCallCalendar(s, changes), StringComparer.Ordinal);

    public static OnCallBook Empty { get; } = new([], []);

    /// <summary>By name.</summary>
    public IReadOnlyList<OnCallCalendar> All => [.. _calendars.Values.OrderBy(c => c.Schedule.Name, StringComparer.Ordinal)];

    public OnCallCalendar? Find(string name) => _calendars.GetValueOrDefault(name);

    /// <summary>Names of who is on call in a schedule; null when there is no such schedule.</summary>
    public IReadOnlyList<string>? At(string name, DateTimeOffset at) => Find(name) is { } calendar ? [.. calendar.At(at).Select(s => s.Person).Distinct(StringComparer.Ordinal)] : null;

    /// <param name="policies">All that people decided.</param>
    /// <param name="since">Changes that ended before do not matter.</param>
    public static async Task<OnCallBook> ReadAsync(OpsDbContext db, PolicyBook policies, DateTimeOffset since, CancellationToken cancel)
    {
        if (policies.Schedules.Count == 0) return Empty;
        since = since.ToUniversalTime();
        var changes = await db.OnCallChanges.AsNoTracking().Where(c => c.EndsAt > since).ToListAsync(cancel);
        return new(policies.Schedules.Values.Select(Json.Parse<ScheduleInput>), changes);
    }
}
