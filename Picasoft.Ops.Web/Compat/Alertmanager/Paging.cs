using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Active;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Route = Picasoft.Ops.Core.Alerts.Routing.Route;

namespace Picasoft.Ops.Web.Compat.Alertmanager;

/// <summary>Where alerts go and what holds them back, at one instant.</summary>
internal sealed class Paging
{
    private readonly PolicyBook _book;
    private readonly Inhibiting _inhibiting;
    private readonly IReadOnlyList<Maintenance> _open;
    private readonly SilenceIndex _silences;
    private readonly DateTimeOffset _now;

    private Paging(PolicyBook book, IEnumerable<ActiveAlert> active, SilenceIndex silences, DateTimeOffset now)
    {
        (_book, _silences, _now) = (book, silences, now);
        _inhibiting = new(book.Inhibitions, book.Inhibitions.Count == 0 ? [] : active.Select(a => a.Content.Labels()));
        _open = [.. book.Maintenances.Where(m => m.EndAt(now) is not null)];
    }

    public static async Task<PolicyBook> BookAsync(HttpContext http)
    {
        await using var db = await http.RequestServices.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync(http.RequestAborted);
        return await PolicyBook.ReadAsync(db, http.RequestAborted);
    }

    /// <summary>The escalations that routes name: Alertmanager's receivers.</summary>
    public static IEnumerable<string> Receivers(PolicyBook book) => book.Routes.All.Select(r => r.Escalation).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    public static async Task<Paging> AtAsync(HttpContext http, IEnumerable<ActiveAlert> active, SilenceQueries silences, DateTimeOffset now) =>
        new(await BookAsync(http), active, await silences.IndexAsync(http.RequestAborted), now);

    public ListedAlert Of(ActiveAlert alert)
    {
        var muting = alert.MutedBy(_silences);
        Silence[] silenced = muting.Length == 0 ? muting : [.. muting.Where(s => s.StateAt(_now) == SilenceState.Active)];
        if (_open.Count == 0 && _book.Inhibitions.Count == 0 && _book.Routes.Root.Routes.Count == 0) return new(alert, silenced, [], [], [_book.Routes.Root]);
        var labels = alert.Content.Labels();
        IReadOnlyList<string> inhibited = _inhibiting.Of(labels) is var (_, source) ? [source.Fingerprint()] : [];
        return new(alert, silenced, inhibited, [.. _open.Where(m => m.Covers(labels)).Select(m => m.Name)], _book.Routes.Match(labels));
    }
}

/// <summary>An alert with what holds it back and where it goes.</summary>
/// <param name="InhibitedBy">Fingerprints of the alerts that explain it.</param>
/// <param name="MutedBy">Maintenance windows.</param>
internal readonly record struct ListedAlert(ActiveAlert Alert, Silence[] SilencedBy, IReadOnlyList<string> InhibitedBy, IReadOnlyList<string> MutedBy, IReadOnlyList<Route> Routes)
{
    public bool IsSuppressed => SilencedBy.Length > 0 || InhibitedBy.Count > 0 || MutedBy.Count > 0;
}
