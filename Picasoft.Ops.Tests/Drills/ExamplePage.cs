using System.Text.RegularExpressions;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>A worked example of docs/pra: a page, and beside it the files that a volunteer adds to docker/ha.</summary>
/// <param name="Name">Of its folder.</param>
internal sealed partial record ExamplePage(string Name)
{
    private static readonly string _guide = System.IO.Path.Combine(Repository.Root, "docs", "pra");

    public static IReadOnlyList<ExamplePage> All { get; } = [.. Directory.EnumerateDirectories(_guide).Select(System.IO.Path.GetFileName).Order(StringComparer.Ordinal).Select(n => new ExamplePage(n!))];

    public string Path(string file) => System.IO.Path.Combine(_guide, Name, file);

    /// <summary>Copies what the page works on, so that the repository stays as it is.</summary>
    /// <returns>Where docker/ha lies in the copy.</returns>
    public static async Task<string> CopyAsync(string folder)
    {
        var ha = System.IO.Path.Combine(folder, "docker", "ha");
        Directory.CreateDirectory(System.IO.Path.Combine(folder, "docs"));
        Directory.CreateDirectory(System.IO.Path.Combine(folder, "docker"));
        await Shell.RunAsync("cp", "-a", _guide, System.IO.Path.Combine(folder, "docs"));
        await Shell.RunAsync("cp", "-a", System.IO.Path.Combine(Repository.Root, "docker", "ha"), System.IO.Path.Combine(folder, "docker"));
        Directory.CreateDirectory(System.IO.Path.Combine(ha, "secrets"));
        return ha;
    }

    /// <summary>Every block of commands of the page, in the order in which they stand there. The first adds its files.</summary>
    public IReadOnlyList<string> Blocks(string page = "README.md") => [.. Block().Matches(File.ReadAllText(Path(page))).Select(m => m.Groups["code"].Value)];

    /// <summary>Adds its files by the page's own commands.</summary>
    /// <param name="ha">Where docker/ha lies in the copy.</param>
    public Task FollowAsync(string ha) => Shell.RunAsync("bash", "-c", $"cd '{ha}'\nset -euo pipefail\n{Blocks()[0]}");

    /// <summary>What its ops.yaml adds to a section of ours, for the drill's machines.</summary>
    public string Section(string name)
    {
        var lines = File.ReadLines(Path("ops.yaml")).SkipWhile(l => l != name + ":").Skip(1).TakeWhile(l => l.StartsWith(' ')).Select(l => l + "\n");
        return Address().Replace(string.Concat(lines), m => m.Groups["last"].Value is "10" ? Network.VirtualAddress : Network.AddressOf(Network.Hosts[int.Parse(m.Groups["last"].Value) - 1]));
    }

    [GeneratedRegex("```bash\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Block();

    [GeneratedRegex(@"\b10\.0\.0\.(?<last>\d+)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Address();
}
