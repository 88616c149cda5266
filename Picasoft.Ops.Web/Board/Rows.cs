using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.Extensions.Localization;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Ui;

namespace Picasoft.Ops.Web.Board;

/// <summary>The rows of the inbox as HTML: written once with the first page, and after that only those that changed (<see cref="RowPatch"/>). Their age goes on in the browser (time-ago.js).</summary>
/// <param name="mayRespond">With boxes to tick and buttons.</param>
public sealed class Rows(IStringLocalizer<BoardTexts> texts, IStringLocalizer<UiTexts> words, bool mayRespond)
{
    /// <summary>More than any screen shows. What follows comes as text, of which the page's module makes rows after the first paint.</summary>
    private const int AtOnce = 60;

    private static readonly HtmlEncoder _html = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);

    /// <summary>Which writing of a row the browser has: the same words, the same mark.</summary>
    public static string MarkOf(IncidentLine line) => line.Revision.ToString(CultureInfo.InvariantCulture) + (line.Silenced ? "s" : "");

    public string All(IReadOnlyList<IncidentLine> lines, DateTimeOffset now)
    {
        var html = new StringBuilder(64 * 1024);
        foreach (var line in lines.Take(AtOnce)) Write(html, line, now, isNew: false);
        if (lines.Count <= AtOnce) return html.ToString();
        html.Append("<script type=\"text/plain\" data-rest>"); // no program: the browser only keeps it; and all that people wrote is encoded
        foreach (var line in lines.Skip(AtOnce)) Write(html, line, now, isNew: false);
        return html.Append("</script>").ToString();
    }

    /// <param name="isNew">It came while somebody was looking.</param>
    public string One(IncidentLine line, DateTimeOffset now, bool isNew)
    {
        var html = new StringBuilder(900);
        Write(html, line, now, isNew);
        return html.ToString();
    }

    // As few elements as will do: there are 500 of these.
    private void Write(StringBuilder html, IncidentLine line, DateTimeOffset now, bool isNew)
    {
        var (severity, state) = (Words.Of(line.Severity), Words.Of(line.State));
        html.Append(CultureInfo.InvariantCulture, $"""<tr role="row" tabindex="-1" data-n="{line.Number}" data-v="{MarkOf(line)}"{(isNew ? " class=\"new\"" : "")}>""");
        if (mayRespond) html.Append(CultureInfo.InvariantCulture, $"""<td class="c-pick" role="cell"><input type="checkbox" data-do="select" aria-label="{Said(texts["pick", line.Number])}"></td>""");
        html.Append(CultureInfo.InvariantCulture, $"""<td role="cell" class="c-sev chip sev-{severity}">{Word(words, "severity." + severity)}</td>""")
            .Append(CultureInfo.InvariantCulture, $"""<td role="cell" class="c-title"><a href="/incidents/{line.Number}"><span class="no">#{line.Number}</span> {(line.TitlePhrase is { } title ? PhraseText.Html(title) : Said(line.Title))}</a></td>""")
            .Append(CultureInfo.InvariantCulture, $"""<td role="cell" class="c-service">{Said(line.Service ?? "")}</td>""")
            .Append(CultureInfo.InvariantCulture, $"""<td role="cell" class="c-state chip st-{state}">{Word(words, "state." + state)}""");
        if (line.Silenced) html.Append(CultureInfo.InvariantCulture, $""" <span class="chip silenced">{Word(texts, "silenced")}</span>""");
        html.Append("</td>")
            .Append(line.Holder is null ? $"""<td role="cell" class="c-who muted">{Word(texts, "nobody")}""" : $"""<td role="cell" class="c-who">{Said(line.Holder)}""")
            .Append(CultureInfo.InvariantCulture, $"""</td><td role="cell" class="c-age"><time datetime="{Ago.Machine(line.OpenedAt)}" data-ago>{Said(Ago.Text(line.OpenedAt, now, words))}</time></td>""");
        if (mayRespond)
        {
            html.Append("<td role=\"cell\" class=\"c-act\">");
            if (IncidentTransitions.Allows(line.State, IncidentAction.Acknowledge))
                html.Append(CultureInfo.InvariantCulture, $"""<button type="button" class="quiet" data-do="acknowledge" aria-label="{Said(texts["acknowledge.one", line.Number])}">{Word(texts, "acknowledge")}</button>""");
            html.Append("</td>");
        }
        html.Append("</tr>");
    }

    private static string Said(string text) => _html.Encode(text);

    private string Word<T>(IStringLocalizer<T> book, string key)
    {
        if (_said.TryGetValue(key, out var said)) return said;
        return _said[key] = Said(book[key]);
    }
}
