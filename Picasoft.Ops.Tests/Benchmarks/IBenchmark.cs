using System.Text.Json;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>One benchmark of <c>./ops bench</c>: a class in this folder is found by itself.</summary>
public interface IBenchmark
{
    string Name { get; }

    Task RunAsync(BenchContext context);
}

/// <summary>Where a benchmark reports, and what it was given.</summary>
/// <param name="Name">The benchmark's.</param>
/// <param name="Data">Folder of sample data, from <c>--data</c>.</param>
public sealed record BenchContext(string Name, string? Data)
{
    /// <summary>Prints one figure as a JSON object on a line.</summary>
    /// <param name="more">Further members, such as <c>("n", 5)</c>.</param>
    public void Report(string @case, double value, string unit, params (string Name, object Value)[] more)
    {
        var figure = new Dictionary<string, object> { ["bench"] = Name, ["case"] = @case, ["value"] = Math.Round(value, 4), ["unit"] = unit };
        foreach (var (name, given) in more) figure[name] = given;
        Console.WriteLine(JsonSerializer.Serialize(figure));
    }

    /// <summary>Prints the median, and how far the runs lay apart.</summary>
    public void ReportMedian(string @case, IEnumerable<double> values, string unit)
    {
        var sorted = values.Order().ToArray();
        Report(@case, sorted[sorted.Length / 2], unit, ("n", sorted.Length), ("min", Math.Round(sorted[0], 4)), ("max", Math.Round(sorted[^1], 4)));
    }
}

/// <summary>Runs <c>bench [NAME] [--data DIR]</c>.</summary>
public static class BenchRunner
{
    public static async Task<int> RunAsync(string[] args)
    {
        var all = typeof(BenchRunner).Assembly.GetTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(IBenchmark)))
            .Select(t => (IBenchmark)Activator.CreateInstance(t)!).OrderBy(b => b.Name, StringComparer.Ordinal).ToList();
        var at = Array.IndexOf(args, "--data");
        var data = at >= 0 && at + 1 < args.Length ? Path.GetFullPath(args[at + 1]) : null;
        var names = args.Where((_, i) => at < 0 || (i != at && i != at + 1)).ToList();
        if (names.Count > 1 || (at >= 0 && data is null) || (names.Count == 1 && all.All(b => b.Name != names[0])))
        {
            await Console.Error.WriteLineAsync($"Usage: ./ops bench [NAME] [--data DIR]; NAME is one of {string.Join(", ", all.Select(b => b.Name))}.");
            return 2;
        }
        foreach (var bench in all.Where(b => names.Count == 0 || b.Name == names[0])) await bench.RunAsync(new(bench.Name, data));
        return 0;
    }
}
