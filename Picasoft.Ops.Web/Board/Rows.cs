using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Ui;

namespace Picasoft.Ops.Web.Board;

/// <summary>
/// The cells of the inbox as text: one piece for each row instead of forty, so that 500 rows are there at once and cost the browser little.
/// A row is written anew only when its incident changed; its age goes on in the browser (time-ago.js).
/// </summary>
public sealed class Rows(IStringLocalizer<BoardTexts> texts, IStringLocalizer<UiTexts> words)
{
    private static readonly HtmlEncoder _html = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly Dictionary<long, (IncidentLine Line, bool MayRespond, MarkupString Cells)> _written = [];
    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);

    public MarkupString Cells(IncidentLine line, bool mayRespond, DateTimeOffset now)
    {
        if (_written.TryGetValue(line.Number, out var known) && known.Line == line && known.MayRespond == mayRespond) return known.Cells;
        var cells = new MarkupString(Write(line, mayRespond, now));
        _written[line.Number] = (line, mayRespond, cells);
        return cells;
    }

    /// <summary>Forgets the rows that are shown no longer.</summary>
    public void Keep(IEnumerable<IncidentLine> lines)
    {
        var shown = lines.Select(l => l.Number).ToHashSet();
        foreach (var gone in _written.Keys.Where(n => !shown.Contains(n)).ToList()) _written.Remove(gone);
    }

    private string Write(IncidentLine line, bool mayRespond, DateTimeOffset now)
    {
        // As few elements as will do: 500 rows of them are made twice, by the first HTML and by the circuit.
        var html = new StringBuilder(600);
        var (severity, state) = (Words.Of(line.Severity), Words.Of(line.State));
        html.Append(CultureInfo.InvariantCulture, $"""<td role="cell" class="c-sev chip sev-{severity}">{Word(words, "severity." + severity)}</td>""")
            .Append(CultureInfo.InvariantCulture, $"""<td role="cell" class="c-title"><a href="/incidents/{line.Number}"><span class="no">#{line.Number}</span> {_html.Encode(line.TitleIn(CultureInfo.CurrentUICulture))}</a></td>""")
            .Append(CultureInfo.InvariantCulture, $"""<td role="cell" class="c-service">{_html.Encode(line.Service ?? "")}</td>""")
            .Append(CultureInfo.InvariantCulture, $"""<td role="cell" class="c-state chip st-{state}">{Word(words, "state." + state)}""");
        if (line.Silenced) html.Append(CultureInfo.InvariantCulture, $""" <span class="chip silenced">{Word(texts, "silenced")}</span>""");
        html.Append("</td>")
            .Append(line.Assignee is null ? $"""<td role="cell" class="c-who muted">{Word(texts, "nobody")}""" : $"""<td role="cell" class="c-who">{_html.Encode(line.Assignee)}""")
            .Append(CultureInfo.InvariantCulture, $"""</td><td role="cell" class="c-age"><time datetime="{Ago.Machine(line.OpenedAt)}" data-ago>{_html.Encode(Ago.Text(line.OpenedAt, now, words))}</time></td>""");
        if (!mayRespond) return html.ToString();
        html.Append("<td role=\"cell\" class=\"c-act\">");
        if (IncidentTransitions.Allows(line.State, IncidentAction.Acknowledge))
            html.Append(CultureInfo.InvariantCulture, $"""<button type="button" class="quiet" data-do="acknowledge" aria-label="{_html.Encode(texts["acknowledge.one", line.Number])}">{Word(texts, "acknowledge")}</button>""");
        return html.Append("</td>").ToString();
    }

    private string Word<T>(IStringLocalizer<T> book, string key)
    {
        if (_said.TryGetValue(key, out var said)) return said;
        return _said[key] = _html.Encode(book[key]);
    }
}
