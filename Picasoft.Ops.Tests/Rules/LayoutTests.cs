using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>What <c>dotnet format</c> asks for, and neither the build nor <c>dotnet format whitespace</c> looks at; all of it takes two minutes.</summary>
public sealed class LayoutTests
{
    [Fact]
    public void Usings_stand_in_the_order_of_dotnet_format()
    {
        var wrong = new[] { "Picasoft.Ops.Core", "Picasoft.Ops.Web", "Picasoft.Ops.Tests" }.SelectMany(p => Repository.Files(p, "*.cs")).Where(path => !IsSorted(Usings(path))).Select(path => Path.GetRelativePath(Repository.Root, path)).ToList();
        Assert.True(wrong.Count == 0, "Run dotnet format:\n" + string.Join('\n', wrong));
    }

    private static List<string> Usings(string path) =>
        [.. File.ReadLines(path).TakeWhile(l => !l.StartsWith("namespace ", StringComparison.Ordinal)).Where(l => l.StartsWith("using ", StringComparison.Ordinal) && l.EndsWith(';')).Select(l => l["using ".Length..^1])];

    private static bool IsSorted(List<string> usings) => usings.SequenceEqual(usings
        .OrderBy(u => u.Contains(" = ", StringComparison.Ordinal) ? 2 : u.StartsWith("static ", StringComparison.Ordinal) ? 1 : 0)
        .ThenBy(u => u is "System" || u.StartsWith("System.", StringComparison.Ordinal) ? 0 : 1)
        .ThenBy(u => u.Replace('.', '\u0001'), StringComparer.OrdinalIgnoreCase)); // a shorter name before those below it
}
