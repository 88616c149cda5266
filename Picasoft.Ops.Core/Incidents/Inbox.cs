using System.Globalization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>One incident as a line of a list.</summary>
public sealed record IncidentLine(
    long Number, string Title, Phrase? TitlePhrase, IncidentState State, Severity Severity, string? Service,
    DateTimeOffset OpenedAt, DateTimeOffset? ResolvedAt, string? ResolvedBy, long? AssigneeId, string? Assignee, int Revision, string? AcknowledgedBy = null)
{
    /// <inheritdoc cref="Incident.Holder"/>
    public string? Holder => Assignee ?? AcknowledgedBy;

    /// <summary>A silence, a maintenance window or another alert holds back each of its alerts: nobody is paged for it now.</summary>
    public bool Silenced { get; init; }

    public string TitleIn(CultureInfo culture) => TitlePhrase?.In(culture) ?? Title;
}

/// <summary>What the inbox shows; null or empty: all of them.</summary>
/// <param name="Assignee">A name; <see cref="Nobody"/> for those that nobody has.</param>
/// <param name="Silenced">True: only silenced ones; false: none of them.</param>
/// <param name="Text">All of its words are in the title, the service or the number.</param>
public sealed record InboxFilter(IncidentState? State = null, Severity? Severity = null, string? Service = null, string? Assignee = null, bool? Silenced = null, string? Text = null)
{
    /// <summary>What the address says instead of a name; no person is called so.</summary>
    public const string Nobody = "-";

    public bool IsEmpty => this == new InboxFilter();

    /// <summary>Judged in memory, in the reader's language: only open incidents are judged, and a team never has many thousands of those.</summary>
    public bool Shows(IncidentLine line, CultureInfo culture) =>
        (State is null || line.State == State)
        && (Severity is null || line.Severity == Severity)
        && (string.IsNullOrEmpty(Service) || line.Service == Service)
        && (string.IsNullOrEmpty(Assignee) || (Assignee == Nobody ? line.Holder is null : line.Holder == Assignee))
        && (Silenced is null || line.Silenced == Silenced)
        && (string.IsNullOrWhiteSpace(Text) || Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word => Says(line, word, culture)));

    private static bool Says(IncidentLine line, string word, CultureInfo culture)
    {
        if (word == $"#{line.Number}" || word == line.Number.ToString(CultureInfo.InvariantCulture)) return true;
        const CompareOptions Loosely = CompareOptions.IgnoreCase | CompareOptions.IgnoreNonSpace;
        return culture.CompareInfo.IndexOf(line.TitleIn(culture), word, Loosely) >= 0
            || (line.Service is not null && culture.CompareInfo.IndexOf(line.Service, word, Loosely) >= 0);
    }
}

/// <summary>The inbox: what is not over, worst first.</summary>
/// <param name="Lines">What the filter shows.</param>
/// <param name="All">How many there are without the filter.</param>
/// <param name="Services">The services that have one, for the filter.</param>
/// <param name="Assignees">The people who have one.</param>
/// <param name="LastResolvedAt">When the last incident ended; only read when nothing is open.</param>
public sealed record Inbox(IReadOnlyList<IncidentLine> Lines, int All, IReadOnlyList<string> Services, IReadOnlyList<string> Assignees, DateTimeOffset? LastResolvedAt)
{
    public static Inbox Of(IReadOnlyCollection<IncidentLine> open, InboxFilter filter, CultureInfo culture, DateTimeOffset? lastResolvedAt) => new(
        [.. Sorted(open.Where(line => filter.Shows(line, culture)))],
        open.Count,
        [.. open.Select(l => l.Service).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        [.. open.Select(l => l.Holder).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        lastResolvedAt);

    /// <summary>What nobody is told of now comes last; else the worst first, what nobody has before what somebody has, the newest first.</summary>
    private static IOrderedEnumerable<IncidentLine> Sorted(IEnumerable<IncidentLine> lines) => lines
        .OrderBy(l => l.Silenced).ThenByDescending(l => l.Severity).ThenBy(l => l.State).ThenByDescending(l => l.Number);
}

/// <summary>What the history shows; null or empty: everything.</summary>
/// <param name="Text">Words of the title, or a number (<c>12</c>, <c>#12</c>).</param>
/// <param name="From">Opened at or after.</param>
/// <param name="To">Opened before.</param>
public sealed record HistoryFilter(string? Text = null, IncidentState? State = null, Severity? Severity = null, string? Service = null, DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <summary>An earlier incident of the same service, and what people did that helped.</summary>
public sealed record EarlierIncident(IncidentLine Line, IReadOnlyList<string> Helped);
