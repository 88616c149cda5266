using System.Text.RegularExpressions;
using System.Xml.Linq;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>Whatever the code writes into the audit log has words there: what it was done to, and what was done.</summary>
public sealed partial class EveryActionTests
{
    /// <summary>What stands where an action is put together.</summary>
    private static readonly string[] _things = [.. Words.All(typeof(PolicyKind)), "host", "service"];

    private static readonly string[] _done =
    [
        // Those of an engine are in the timeline only.
        .. Words.All(typeof(IncidentAction)).Except([Words.Of(IncidentAction.ExpireAcknowledgement), Words.Of(IncidentAction.AlertsEnded), Words.Of(IncidentAction.AlertAgain)]),
        .. new[] { SwapState.Accepted, SwapState.Declined, SwapState.Withdrawn }.Select(s => "swap_" + Words.Of(s)), "create", "update", "delete", "move",
    ];

    [Fact]
    public void It_has_words()
    {
        var phrases = Repository.Files("Picasoft.Ops.Core", "Phrases.resx").SelectMany(Keys).ToHashSet();
        var (things, done) = (_things.ToHashSet(), _done.ToHashSet());
        var code = Repository.Files("Picasoft.Ops.Core", "*.cs").Concat(Repository.Files("Picasoft.Ops.Web", "*.cs")).Select(File.ReadAllText).ToList();
        foreach (var action in code.Where(t => t.Contains("AuditEntry.Of(", StringComparison.Ordinal)).SelectMany(t => Action().Matches(t)).Where(m => !phrases.Contains(m.Value.Trim('"'))))
        {
            things.Add(action.Groups["thing"].Value);
            done.Add(action.Groups["done"].Value);
        }
        things.UnionWith(code.SelectMany(t => Settings().Matches(t)).Select(m => m.Groups["thing"].Value));
        Assert.Superset(new HashSet<string> { "person", "recovery", "log_settings" }, things); // else this test sees nothing
        Assert.Superset(new HashSet<string> { "sign_in_failed", "skip", "browser_add" }, done);
        Assert.Empty(things.Where(t => t.Length > 0).Select(t => "thing." + t).Except(Keys(Path.Combine(Repository.Root, "Picasoft.Ops.Web/Ui/UiTexts.resx"))));
        Assert.Empty(done.Where(d => d.Length > 0).Select(d => "audit.did." + d).Except(Keys(Path.Combine(Repository.Root, "Picasoft.Ops.Web/Access/AccessTexts.resx"))));
    }

    private static IEnumerable<string> Keys(string book) => XDocument.Load(book).Descendants("data").Select(d => d.Attribute("name")!.Value);

    /// <summary><c>"probe.create"</c>; of one that is put together, the part that stands there.</summary>
    [GeneratedRegex(@"""((?<thing>[a-z_]+)|(\{[^}""]+\})?)\.((?<done>[a-z_]*[a-z])|([a-z_]*_)?(\{[^}""]+\})?)""", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Action();

    [GeneratedRegex(@": SettingsActions<[^>]+>\(contexts, time, ""(?<thing>[a-z_]+)""", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Settings();
}
