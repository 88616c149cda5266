using System.Globalization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>What the labels and annotations of an alert say to humans.</summary>
public static class AlertWords
{
    /// <summary>The label that names the service with the problem.</summary>
    public const string Service = "service";

    /// <summary>The label that names the machine.</summary>
    public const string Host = "host";

    /// <summary>The label that names one of the product's own nodes.</summary>
    internal const string Node = "node";

    /// <summary>The labels that name what speaks of a failure when that is one of the product's own watchers: two of a kind are two matters.</summary>
    internal static readonly string[] Things = ["probe", "heartbeat", "rule", "cluster", "channel", "schedule"];

    /// <summary>The service with the problem, at most 100 characters; null when the alert names none.</summary>
    public static string? ServiceOf(LabelSet labels) => labels[Service] is { Length: > 0 } name ? Clip(name, 100) : null;

    /// <summary>
    /// From the label <c>severity</c>: our words, and those usual among Prometheus' users. Without one, medium:
    /// it is looked at, and nobody is woken by what nobody judged.
    /// </summary>
    public static Severity SeverityOf(LabelSet labels) => labels["severity"].ToLowerInvariant() switch
    {
        "critical" or "page" or "fatal" or "emergency" or "disaster" => Severity.Critical,
        "high" or "error" or "major" => Severity.High,
        "low" or "info" or "information" or "none" or "debug" => Severity.Low,
        _ => Severity.Medium,
    };

    /// <summary>One line that says what is wrong, at most 300 characters: the product's own words, else the source's, else the name.</summary>
    public static string TitleOf(LabelSet labels, LabelSet annotations, Phrase? summary, CultureInfo culture)
    {
        var title = summary?.In(culture) is { Length: > 0 } own ? own
            : annotations["summary"].Trim() is { Length: > 0 } said ? said
            : annotations["title"].Trim() is { Length: > 0 } titled ? titled
            : NameOf(labels);
        return Clip(title.ReplaceLineEndings(" "), 300);
    }

    /// <summary>Few words that tell this alert from others: <c>ProbeDown mattermost-ping</c>.</summary>
    public static string NameOf(LabelSet labels)
    {
        var name = labels["alertname"];
        var of = new[] { "probe", "heartbeat", "instance", Host, Service }.Select(l => labels[l]).FirstOrDefault(v => v.Length > 0) ?? "";
        var both = $"{name} {of}".Trim();
        return Clip(both.Length > 0 ? both : labels.ToString(), 200);
    }

    /// <summary>At most so many characters, and no half one.</summary>
    internal static string Clip(string text, int length)
    {
        if (text.Length <= length) return text;
        var end = length - 1;
        if (char.IsHighSurrogate(text[end - 1])) end--; // half a character is none
        return text[..end] + "…";
    }
}
