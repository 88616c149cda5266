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
    private readonly Dictionary<LabelSet, ulong> _sent = [];
    private readonly IReadOnlyList<Route> _root;

    private Paging(PolicyBook book, IEnumerable<ActiveAlert> active, SilenceIndex silences, DateTimeOffset now)
    {
        (_book, _silences, _now, _root) = (book, silences, now, [book.Routes.Root]);
        // Who inhibits is named by its fingerprint, which is that of the labels it was sent with.
        if (book.Inhibitions.Count > 0)
            foreach (var alert in active) _sent.TryAdd(book.Labels.Apply(alert.Content.Labels()), alert.Fingerprint);
        _inhibiting = new(book.Inhibitions, _sent.Keys);
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

    /// <summary>What becomes of an alert: as the pipeline judges it, by the labels that the rules make of those it was sent with.</summary>
    public ListedAlert Of(ActiveAlert alert)
    {
        var isPlain = _book.Labels.IsEmpty;
        if (isPlain && _open.Count == 0 && _book.Inhibitions.Count == 0 && _book.Routes.Root.Routes.Count == 0) return new(alert, ActiveOf(alert.MutedBy(_silences)), [], [], _root);
        var labels = _book.Labels.Apply(alert.Content.Labels());
        var silenced = ActiveOf(isPlain ? alert.MutedBy(_silences) : _silences.Matching(labels));
        IReadOnlyList<string> inhibited = _inhibiting.Of(labels) is var (_, source) ? [LabelHash.Text(_sent[source])] : [];
        return new(alert, silenced, inhibited, [.. _open.Where(m => m.Covers(labels)).Select(m => m.Name)], _book.Routes.Match(labels));
    }

    private Silence[] ActiveOf(Silence[] muting) => muting.Length == 0 ? muting : [.. muting.Where(s => s.StateAt(_now) == SilenceState.Active)];
}

/// <summary>An alert with what holds it back and where it goes.</summary>
/// <param name="InhibitedBy">Fingerprints of the alerts that explain it.</param>
/// <param name="MutedBy">Maintenance windows.</param>
internal readonly record struct ListedAlert(ActiveAlert Alert, Silence[] SilencedBy, IReadOnlyList<string> InhibitedBy, IReadOnlyList<string> MutedBy, IReadOnlyList<Route> Routes)
{
    public bool IsSuppressed => SilencedBy.Length > 0 || InhibitedBy.Count > 0 || MutedBy.Count > 0;
}
