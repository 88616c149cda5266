using System.Diagnostics;
using Picasoft.Ops.Core.Logs.Patterns;
using Picasoft.Ops.Tests.Core.Logs;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>
/// How well the miner finds the kinds of lines: grouping accuracy on every labelled set of a folder, one pass, the same parameters for all. <c>value</c> is on the raw lines, with
/// their headers found by ourselves; <c>content</c> is on the lines without headers, as the published figures are. Then how fast, and how much memory a million kinds take.
/// </summary>
public sealed class TemplatesBenchmark : IBenchmark
{
    private const string Unit = "grouping accuracy";

    public string Name => "templates";

    public Task RunAsync(BenchContext context)
    {
        var sets = context.Data is null ? [] : LabelledLines.In(context.Data).ToList();
        if (sets.Count == 0) Console.Error.WriteLine("templates: skipped the labelled sets: --data DIR names no folder with subfolders such as HDFS/HDFS_2k.log and HDFS/HDFS_2k.log_structured.csv.");
        var total = (Raw: 0.0, Content: 0.0);
        foreach (var set in sets)
        {
            var content = Accuracy(set.Content, set.Kinds, out var patterns);
            var raw = set.Raw.Count > 0 ? Accuracy(set.Raw, set.Kinds, out patterns) : content;
            total = (total.Raw + raw, total.Content + content);
            context.Report(set.Name, raw, Unit, ("content", Math.Round(content, 4)), ("lines", set.Kinds.Count), ("patterns", patterns), ("kinds", set.Kinds.Distinct(StringComparer.Ordinal).Count()), ("rawLines", set.Raw.Count > 0));
        }
        if (sets.Count > 0) context.Report("average", total.Raw / sets.Count, Unit, ("content", Math.Round(total.Content / sets.Count, 4)), ("sets", sets.Count));
        foreach (var dialect in Dialects.All)
        {
            var lines = Dialects.Lines(dialect, 5000, seed: 11);
            context.Report($"generated {dialect.Name}", Accuracy([.. lines.Select(l => l.Line)], [.. lines.Select(l => l.Kind)], out var patterns), Unit, ("patterns", patterns), ("kinds", dialect.Templates.Length));
        }
        Speed(context, sets.Count > 0 ? [.. sets.SelectMany(s => s.Raw)] : [.. Dialects.All.SelectMany(d => Dialects.Lines(d, 2000, seed: 3)).Select(l => l.Line)]);
        Bounded(context);
        return Task.CompletedTask;
    }

    private static double Accuracy(IReadOnlyList<string> lines, IReadOnlyList<string> kinds, out int patterns)
    {
        var miner = new PatternMiner();
        var found = lines.Select(l => miner.Add(l)).ToList();
        miner.Settle();
        patterns = miner.Count;
        return LabelledLines.GroupingAccuracy(kinds, [.. found.Select(p => p.Current)]);
    }

    private static void Speed(BenchContext context, string[] lines)
    {
        var miner = new PatternMiner();
        foreach (var line in lines) miner.Add(line);
        const int Wanted = 2_000_000;
        var (cpu, watch, done) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew(), 0);
        while (done < Wanted)
            foreach (var line in lines) { miner.Add(line); done++; }
        context.Report("speed", done / watch.Elapsed.TotalSeconds, "lines/s");
        context.Report("CPU", (Environment.CpuUsage.TotalTime - cpu).TotalSeconds / done * 1_000_000, "s per million lines");
    }

    private static void Bounded(BenchContext context)
    {
        var random = new Random(5);
        var miner = new PatternMiner();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var word = new char[8];
        string Word() { for (var i = 0; i < word.Length; i++) word[i] = (char)('a' + random.Next(26)); return new(word); }
        for (var i = 0; i < 1_000_000; i++) miner.Add($"{Word()} {Word()} {Word()} {Word()} {Word()}");
        context.Report("memory after a million kinds", (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6, "MB", ("patterns", miner.Count));
        GC.KeepAlive(miner);
    }
}
