namespace Picasoft.Ops.Web.Board;

/// <summary>Which rows are ticked: the browser's ticks, as it told them last. What is no longer shown is no longer selected: nobody acts on what they cannot see.</summary>
public sealed class Selection
{
    private HashSet<long> _numbers = [];

    public int Count => _numbers.Count;

    public IReadOnlyList<long> Numbers => [.. _numbers.Order()];

    /// <param name="shown">A browser may only select what it was given.</param>
    public void Set(IEnumerable<long> numbers, IEnumerable<long> shown)
    {
        _numbers = [.. numbers];
        Keep(shown);
    }

    public void Keep(IEnumerable<long> shown) => _numbers.IntersectWith(shown);

    public void Remove(IEnumerable<long> numbers) => _numbers.ExceptWith(numbers);

    public void Clear() => _numbers.Clear();
}
