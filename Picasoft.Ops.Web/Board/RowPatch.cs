using Picasoft.Ops.Core.Incidents;

namespace Picasoft.Ops.Web.Board;

/// <summary>One row to write: in place of the one with its number, if there is one, and before the row <paramref name="Before"/>.</summary>
/// <param name="Before">0: at the end.</param>
public sealed record RowPut(long Number, string Html, long Before);

/// <summary>
/// What turns the rows that a browser shows into those it should show. A row's place follows from what it says (see <see cref="Inbox"/>),
/// so rows that say the same as before keep their order among themselves, and only those that say something new are moved.
/// </summary>
/// <param name="Gone">Numbers of rows to take away.</param>
/// <param name="Put">To be done in this order: the row each stands before is there by then.</param>
public sealed record RowPatch(IReadOnlyList<long> Gone, IReadOnlyList<RowPut> Put)
{
    public bool IsEmpty => Gone.Count == 0 && Put.Count == 0;

    /// <param name="shown">What the browser has: numbers and marks (<see cref="Rows.MarkOf"/>).</param>
    public static RowPatch Between(IReadOnlyDictionary<long, string> shown, IReadOnlyList<IncidentLine> wanted, Func<IncidentLine, string> write)
    {
        var numbers = wanted.Select(l => l.Number).ToHashSet();
        var put = new List<RowPut>();
        for (var i = wanted.Count - 1; i >= 0; i--)
        {
            var line = wanted[i];
            if (shown.TryGetValue(line.Number, out var mark) && mark == Rows.MarkOf(line)) continue;
            put.Add(new(line.Number, write(line), i + 1 < wanted.Count ? wanted[i + 1].Number : 0));
        }
        return new([.. shown.Keys.Where(n => !numbers.Contains(n))], put);
    }
}
