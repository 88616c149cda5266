using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>The templates of the documentation are what is tested.</summary>
internal static class Documented
{
    /// <param name="name">After <c># template:</c> in docs/probes.md.</param>
    /// <param name="address">In place of the example's.</param>
    public static HttpScenarioSettings Scenario(string name, string address, Dictionary<string, Secret> secrets)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "probes.md"));
        var begin = text.IndexOf($"# template: {name}\n", StringComparison.Ordinal);
        var yaml = text[begin..text.IndexOf("```", begin, StringComparison.Ordinal)].Replace("https://team.example.org", address, StringComparison.Ordinal).Replace("https://pad.example.org", address, StringComparison.Ordinal);
        var probe = (InputMap)((InputList)((InputMap)YamlInput.Read(yaml, _ => null).Root!)["probes"]!).Items[0];
        return InputReader.Read<HttpScenarioSettings>(probe["http_scenario"]!).Value with { Secrets = secrets };
    }
}
