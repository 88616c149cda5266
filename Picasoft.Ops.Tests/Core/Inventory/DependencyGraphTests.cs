using CsCheck;
using Picasoft.Ops.Core.Inventory;

namespace Picasoft.Ops.Tests.Core.Inventory;

public class DependencyGraphTests
{
    [Theory]
    [InlineData("a>b b>c", null)]
    [InlineData("a>b,c b>d c>d", null)]
    [InlineData("a>nobody", null)]
    [InlineData("a>a", "a a")]
    [InlineData("a>b b>a", "a b a")]
    [InlineData("x>a a>b b>c c>a", "a b c a")]
    public void A_cycle_is_named_all_the_way_round(string graph, string? cycle) =>
        Assert.Equal(cycle, DependencyGraph.Cycle(Graph(graph)) is { } found ? string.Join(' ', found) : null);

    [Fact]
    public void A_chain_of_ten_thousand_is_no_cycle_and_no_stack_overflow() =>
        Assert.Null(DependencyGraph.Cycle(Enumerable.Range(0, 10_000).ToDictionary(i => $"s{i}", i => (IReadOnlyList<string>)[$"s{i + 1}"], StringComparer.Ordinal)));

    [Fact]
    public void A_cycle_is_found_exactly_when_there_is_one() =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 6]).Array[0, 12].Sample(edges =>
        {
            var graph = edges.GroupBy(e => e.Item1).ToDictionary(g => $"{g.Key}", g => (IReadOnlyList<string>)[.. g.Select(e => $"{e.Item2}")], StringComparer.Ordinal);
            var cycle = DependencyGraph.Cycle(graph);
            Assert.Equal(Reaches(graph), cycle is not null);
            for (var i = 0; i + 1 < cycle?.Count; i++) Assert.Contains(cycle[i + 1], graph[cycle[i]]);
        });

    // Warshall: slow and plain.
    private static bool Reaches(Dictionary<string, IReadOnlyList<string>> graph)
    {
        var way = new bool[7, 7];
        foreach (var (from, to) in graph) foreach (var t in to) way[from[0] - '0', t[0] - '0'] = true;
        for (var k = 0; k < 7; k++) for (var i = 0; i < 7; i++) for (var j = 0; j < 7; j++) way[i, j] |= way[i, k] && way[k, j];
        return Enumerable.Range(0, 7).Any(i => way[i, i]);
    }

    private static Dictionary<string, IReadOnlyList<string>> Graph(string text) =>
        text.Split(' ').Select(e => e.Split('>')).ToDictionary(e => e[0], e => (IReadOnlyList<string>)e[1].Split(','), StringComparer.Ordinal);
}
