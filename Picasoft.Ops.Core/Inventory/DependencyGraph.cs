namespace Picasoft.Ops.Core.Inventory;

/// <summary>Who needs whom, by name. Pure.</summary>
public static class DependencyGraph
{
    /// <summary>A cycle, as the way round it (<c>a b c a</c>); null when there is none. Names that nobody defines lead nowhere.</summary>
    public static IReadOnlyList<string>? Cycle(IReadOnlyDictionary<string, IReadOnlyList<string>> dependsOn)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var start in dependsOn.Keys.Order(StringComparer.Ordinal))
        {
            // Its own stack, not the thread's: a file may hold a chain of ten thousand services.
            var way = new List<(string Name, int Next)> { (start, 0) };
            var onWay = new HashSet<string>(StringComparer.Ordinal) { start };
            while (way.Count > 0)
            {
                var (name, next) = way[^1];
                var needs = done.Contains(name) ? [] : dependsOn.GetValueOrDefault(name) ?? [];
                if (next >= needs.Count)
                {
                    done.Add(name);
                    onWay.Remove(name);
                    way.RemoveAt(way.Count - 1);
                    continue;
                }
                way[^1] = (name, next + 1);
                if (!onWay.Add(needs[next])) return [.. way.Select(w => w.Name).SkipWhile(n => n != needs[next]), needs[next]];
                way.Add((needs[next], 0));
            }
        }
        return null;
    }

    /// <summary>All that cannot work without <paramref name="name"/>, directly or not, nearest first; without itself.</summary>
    public static IReadOnlyList<string> Dependents(string name, IReadOnlyDictionary<string, IReadOnlyList<string>> dependsOn)
    {
        var found = new List<string> { name };
        for (var i = 0; i < found.Count; i++)
            found.AddRange(dependsOn.Where(s => s.Value.Contains(found[i], StringComparer.Ordinal)).Select(s => s.Key).Order(StringComparer.Ordinal).Where(n => !found.Contains(n, StringComparer.Ordinal)).ToList());
        return found[1..];
    }
}
