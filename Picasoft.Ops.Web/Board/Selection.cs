using Picasoft.Ops.Core.Incidents;

namespace Picasoft.Ops.Web.Board;

/// <summary>Which rows are ticked. What is no longer shown is no longer selected: nobody acts on what they cannot see.</summary>
public sealed class Selection
{
    private readonly HashSet<long> _numbers = [];

    public int Count => _numbers.Count;

    public IReadOnlyList<long> Numbers => [.. _numbers.Order()];

    public bool Has(long number) => _numbers.Contains(number);

    public bool AllOf(IEnumerable<IncidentLine> shown) => _numbers.Count > 0 && shown.All(l => _numbers.Contains(l.Number));

    public void Toggle(long number)
    {
        if (!_numbers.Remove(number)) _numbers.Add(number);
    }

    /// <summary>Everything shown, or, when all of it is selected, nothing.</summary>
    public void ToggleAll(IReadOnlyCollection<IncidentLine> shown)
    {
        if (AllOf(shown)) _numbers.Clear();
        else _numbers.UnionWith(shown.Select(l => l.Number));
    }

    public void Keep(IEnumerable<IncidentLine> shown) => _numbers.IntersectWith(shown.Select(l => l.Number));

    public void Clear() => _numbers.Clear();
}
