using System.Globalization;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Primitives;
using static Picasoft.Ops.Core.Configuration.Import.ImportNodes;

namespace Picasoft.Ops.Core.Configuration.Import;

/// <summary>
/// Turns an <c>alertmanager.yml</c> into an <c>ops.yaml</c>: the tree of routes, receivers, inhibition and mute times. What has no counterpart here is
/// listed, never dropped in silence. Pure.
/// </summary>
public sealed class AlertmanagerImport
{
    private static readonly string[] _known = ["global", "route", "receivers", "inhibit_rules", "time_intervals", "mute_time_intervals"];

    private readonly List<string> _notes = [];
    private readonly List<InputNode> _channels = [];
    private readonly List<InputNode> _escalations = [];
    private readonly List<InputNode> _maintenance = [];
    private readonly Dictionary<string, InputList> _intervals = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private InputMap _global = new([], null);

    private AlertmanagerImport() { }

    /// <summary>The file as <c>ops.yaml</c>, and what could not be carried over, each with its place.</summary>
    public static Outcome<(string Yaml, IReadOnlyList<string> Notes)> Convert(string text)
    {
        var read = YamlInput.Read(text, name => "${" + name + "}"); // Alertmanager has no variables: what looks like one is text
        if (read.Errors.Count > 0) return Refusal.Invalid(read.Errors);
        if (read.Root is not InputMap root || root["route"] is not InputMap route || root["receivers"] is not InputList receivers)
            return Refusal.Invalid("", Phrase.Of("config.not_alertmanager"));
        var import = new AlertmanagerImport();
        return (YamlOutput.Write(import.Root(root, route, receivers)), import._notes);
    }

    private InputMap Root(InputMap root, InputMap route, InputList receivers)
    {
        foreach (var entry in root.Entries.Where(e => !_known.Contains(e.Name, StringComparer.Ordinal))) _notes.Add($"{entry.Name}: not carried over");
        _global = root["global"] as InputMap ?? _global;
        if (_global["resolve_timeout"] is not null) _notes.Add("global.resolve_timeout: always 5m here");
        foreach (var section in new[] { "time_intervals", "mute_time_intervals" })
            foreach (var interval in Maps(root[section]))
                if (interval["time_intervals"] is InputList times && Text(interval, "name") is { } name) _intervals[name] = times;
        foreach (var (index, receiver) in Maps(receivers).Index()) Receiver(receiver, index);
        // Ours has an unwritten root of its own, so theirs becomes the one route that takes everything.
        var tree = Route(route, "route", [], []);
        var inhibitions = Maps(root["inhibit_rules"]).Select(Inhibition).ToList<InputNode>();
        return new([
            new("version", new InputScalar("1", false, null), null), .. Section("channels", _channels), .. Section("escalations", _escalations), .. Section("routes", [tree]),
            .. Section("inhibit_rules", inhibitions), .. Section("maintenance", _maintenance)], null);
    }

    private void Receiver(InputMap receiver, int index)
    {
        var name = NameOf(Text(receiver, "name") ?? "", "receiver");
        var notify = new List<string>();
        foreach (var entry in receiver.Entries.Where(e => e.Name != "name"))
            foreach (var (at, config) in Maps(entry.Value).Index())
            {
                var channel = notify.Count == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{notify.Count + 1}");
                if (ImportedChannels.Of(entry.Name, config, _global, channel, string.Create(CultureInfo.InvariantCulture, $"receivers[{index}].{entry.Name}[{at}]"), _notes) is not { } made) continue;
                _channels.Add(made);
                notify.Add($"channel:{channel}");
            }
        // One without a way out tells nobody, on purpose; one whose ways we lack must not fall silent.
        if (notify.Count == 0) notify.Add(receiver.Entries.Any(e => e.Name != "name") ? NotifyTarget.Everybody : NotifyTarget.Nobody);
        if (_names.Add(name)) _escalations.Add(Map(("name", Quoted(name)), ("steps", new InputList([Map(("notify", Texts(notify)))], null))));
    }

    /// <param name="above">What all alerts that come here match already.</param>
    /// <param name="elsewhere">What the alerts match that another route takes, instead or as well.</param>
    private InputMap Route(InputMap route, string where, IReadOnlyList<string> above, IReadOnlyList<IReadOnlyList<string>> elsewhere)
    {
        var match = MatchersOf(route);
        var entries = new List<(string, InputNode)> { ("match", Texts(match)) };
        if (Text(route, "receiver") is { } receiver) entries.Add(("escalation", Quoted(NameOf(receiver, "receiver"))));
        if (route["group_by"] is InputList by) entries.Add(("group_by", by));
        if (Text(route, "group_wait") is { } wait) entries.Add(("group_wait", Plain(wait)));
        if (Goes(route)) entries.Add(("continue", Plain("true")));
        foreach (var (name, why) in new[] { ("group_interval", "an alert that joins an incident does not page again"), ("repeat_interval", "say repeat: in the escalation"), ("active_time_intervals", "only mute times become maintenance windows") })
            if (route[name] is not null) _notes.Add($"{where}.{name}: {why}");
        var all = (IReadOnlyList<string>)[.. above, .. match];
        var inner = Maps(route["routes"]).ToList();
        // What a route within takes is muted by that one or not at all.
        foreach (var name in Items(route["mute_time_intervals"])) Mute(name, all, [.. elsewhere, .. inner.Select(MatchersOf)], $"{where}.mute_time_intervals");
        if (inner.Count > 0)
            entries.Add(("routes", new InputList([.. inner.Select((r, i) => Route(r, string.Create(CultureInfo.InvariantCulture, $"{where}.routes[{i}]"), all, [.. elsewhere, .. inner.Where((_, j) => j < i || (j > i && Goes(r))).Select(MatchersOf)]))], null)));
        return Map([.. entries]);
    }

    private static bool Goes(InputMap route) => Text(route, "continue") == "true";

    private static List<string> MatchersOf(InputMap route) => Matchers(route, "match", "match_re", "matchers");

    // A window holds back whoever is told of what it matches, so it must match what goes this way only.
    private void Mute(string name, IReadOnlyList<string> match, IReadOnlyList<IReadOnlyList<string>> elsewhere, string where)
    {
        if (!_intervals.TryGetValue(name, out var interval))
        {
            _notes.Add($"{where}: there is no time interval called {name}");
            return;
        }
        if (match.Count == 0)
        {
            _notes.Add($"{where}: a maintenance window needs a matcher, and this route takes everything");
            return;
        }
        if (OnlyHere.Of(match, elsewhere) is not { Count: > 0 } ways)
        {
            _notes.Add($"{where}: other routes take the same alerts too; write a maintenance window for those that shall be muted");
            return;
        }
        var times = interval.Items.SelectMany((item, i) => ImportedIntervals.Of(item, string.Create(CultureInfo.InvariantCulture, $"time_intervals {name}[{i}]"), _notes));
        foreach (var ((schedule, zone, length), only) in times.SelectMany(_ => ways, (time, only) => (time, only)))
        {
            var own = NameOf(name, "receiver");
            for (var i = 2; !_names.Add("window:" + own); i++) own = string.Create(CultureInfo.InvariantCulture, $"{NameOf(name, "receiver")}-{i}");
            var entries = new List<(string, InputNode)> { ("name", Quoted(own)), ("match", Texts(only)), ("schedule", Quoted(schedule)), ("duration", Plain(DurationText.Exact(length))) };
            if (zone is not null) entries.Insert(3, ("time_zone", Plain(zone)));
            _maintenance.Add(Map([.. entries]));
        }
    }

    private static InputMap Inhibition(InputMap rule)
    {
        var entries = new List<(string, InputNode)>
        {
            ("source_match", Texts(Matchers(rule, "source_match", "source_match_re", "source_matchers"))),
            ("target_match", Texts(Matchers(rule, "target_match", "target_match_re", "target_matchers"))),
        };
        if (rule["equal"] is InputList equal) entries.Add(("equal", equal));
        return Map([.. entries]);
    }

    // The old ways (two maps) and the new one (a list of matchers, or several in one text).
    private static List<string> Matchers(InputMap node, string equal, string regex, string list) =>
    [
        .. Pairs(node[equal]).Select(p => new Matcher(p.Name, MatchKind.Equal, p.Value).ToString()),
        .. Pairs(node[regex]).Select(p => $"{p.Name}=~\"{p.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""),
        .. Items(node[list]).SelectMany(Several),
    ];

    // {a="1", b="2"}: commas part matchers, but not within quotes.
    private static IEnumerable<string> Several(string text)
    {
        text = text.Trim();
        if (text.StartsWith('{') && text.EndsWith('}')) text = text[1..^1];
        var (start, quoted) = (0, false);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] == '"' && (i == 0 || text[i - 1] != '\\')) quoted = !quoted;
            if (i < text.Length && (text[i] != ',' || quoted)) continue;
            if (text[start..i].Trim() is { Length: > 0 } one) yield return one;
            start = i + 1;
        }
    }

    private static IEnumerable<(string Name, string Value)> Pairs(InputNode? node) => node is InputMap map ? map.Entries.Select(e => (e.Name, (e.Value as InputScalar)?.Text ?? "")) : [];
}
