using CsCheck;
using Picasoft.Ops.Core.Inventory;

namespace Picasoft.Ops.Tests.Core.Inventory;

public class ServiceMapTests
{
    [Fact]
    public void What_is_needed_indirectly_is_found_with_its_distance()
    {
        var map = new ServiceMap([("chat", ["postgres", "ldap"], "alice"), ("postgres", ["disk"], "bob"), ("wiki", [], null)]);
        Assert.Equal(new Dictionary<string, int> { ["postgres"] = 1, ["ldap"] = 1, ["disk"] = 2 }, map.DependenciesOf("chat"));
        Assert.Empty(map.DependenciesOf("unknown"));
        Assert.Equal("bob", map.HostOf("postgres"));
    }

    [Fact]
    public void A_cycle_ends_and_nothing_needs_itself() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5]).List[0, 15].Sample(edges =>
        {
            var map = new ServiceMap(edges.GroupBy(e => e.Item1).Select(g => ($"s{g.Key}", (IReadOnlyList<string>)[.. g.Select(e => $"s{e.Item2}")], (string?)null)));
            for (var i = 0; i < 6; i++)
            {
                var needed = map.DependenciesOf($"s{i}");
                Assert.DoesNotContain($"s{i}", needed.Keys);
                foreach (var (name, steps) in needed) // one step before each stands another that is one nearer
                    Assert.Contains(edges, e => $"s{e.Item2}" == name && (steps == 1 ? e.Item1 == i : needed.GetValueOrDefault($"s{e.Item1}") == steps - 1));
            }
        });

    [Fact]
    public void Many_may_ask_at_once()
    {
        var names = Enumerable.Range(0, 2000).Select(i => $"s{i}").ToList();
        var map = new ServiceMap(names.Select((n, i) => (n, (IReadOnlyList<string>)[$"s{i ^ 1}"], (string?)null)));
        Parallel.For(0, 20_000, i => Assert.Single(map.DependenciesOf(names[i * 7 % names.Count])));
    }
}
