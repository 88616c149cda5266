using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>How the coloured edge of a message looks.</summary>
internal enum Mood
{
    Good,
    Uneasy,
    Bad,
}

/// <summary>One content, laid out twice: as plain text and as simple HTML that reads well in light and dark mail readers. What people wrote is data: it is escaped here, in one place.</summary>
internal sealed partial class MessageBody(CultureInfo culture, string title, Mood mood)
{
    private static readonly HtmlEncoder _html = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly StringBuilder _text = new StringBuilder(title).Append('\n');
    private readonly StringBuilder _body = new();
    private bool _inFacts;

    public void Paragraph(string text)
    {
        Break();
        _text.Append(text).Append('\n');
        _body.Append(CultureInfo.InvariantCulture, $"<p style=\"margin:12px 0\">{E(text)}</p>\n");
    }

    /// <summary>A short fact; nothing when there is no value.</summary>
    public void Fact(string label, string? value)
    {
        if (string.IsNullOrEmpty(value)) return;
        if (!_inFacts)
        {
            Break();
            _body.Append("<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" style=\"border-collapse:collapse;margin:12px 0\">\n");
            _inFacts = true;
        }
        _text.Append(Label(label, value)).Append('\n');
        _body.Append(CultureInfo.InvariantCulture, $"<tr><td style=\"padding:2px 16px 2px 0;vertical-align:top;white-space:nowrap;opacity:.75\">{E(label)}</td><td style=\"padding:2px 0;vertical-align:top\"><strong>{E(value)}</strong></td></tr>\n");
    }

    public void List(string label, IReadOnlyList<string> items)
    {
        Heading(label);
        _body.Append("<ul style=\"margin:4px 0 12px;padding-left:20px\">\n");
        foreach (var item in items)
        {
            _text.Append("  - ").Append(item).Append('\n');
            _body.Append(CultureInfo.InvariantCulture, $"<li>{E(item)}</li>\n");
        }
        _body.Append("</ul>\n");
    }

    /// <summary>Lines that somebody wrote, kept as they stand.</summary>
    public void Quote(string label, string lines)
    {
        Heading(label);
        foreach (var line in lines.Split('\n')) _text.Append(line.Length == 0 ? "" : "  ").Append(line).Append('\n');
        _body.Append(CultureInfo.InvariantCulture, $"<div style=\"white-space:pre-wrap;margin:4px 0 12px;padding-left:12px;border-left:2px solid #8888\">{E(lines)}</div>\n");
    }

    public void Link(string label, string url)
    {
        Break();
        _text.Append(Label(label, url)).Append('\n');
        _body.Append(CultureInfo.InvariantCulture, $"<p style=\"margin:16px 0\"><a class=\"link\" href=\"{E(url)}\" style=\"color:#0b57a4\">{E(label)}</a></p>\n");
    }

    /// <summary>What its reader may do now, as buttons for a thumb: what they most likely want first.</summary>
    public void Buttons(params IEnumerable<(string Label, string Url)> buttons)
    {
        Break();
        _body.Append("<p style=\"margin:16px 0 8px\">");
        var look = "button"; // the first one alone is filled
        foreach (var (label, url) in buttons)
        {
            _text.Append(Label(label, url)).Append('\n');
            _body.Append(CultureInfo.InvariantCulture, $"<a class=\"{look}\" href=\"{E(url)}\" style=\"display:inline-block;margin:0 8px 8px 0;padding:11px 20px;border:1px solid #0b57a4;border-radius:6px;font-weight:600;text-decoration:none;{(look == "button" ? "background:#0b57a4;color:#ffffff" : "color:#0b57a4")}\">{E(label)}</a>\n");
            look = "button-else";
        }
        _body.Append("</p>\n");
    }

    public void Footer(string text)
    {
        Break();
        _text.Append("-- \n").Append(text).Append('\n');
        _body.Append(CultureInfo.InvariantCulture, $"<p style=\"margin:24px 0 0;font-size:12px;opacity:.75\">{E(text)}</p>\n");
    }

    public string Text() => _text.ToString();

    public string Html()
    {
        var edge = mood switch { Mood.Good => "#2e7d32", Mood.Uneasy => "#b26a00", _ => "#c62828" };
        return $$"""
            <!doctype html>
            <html lang="{{culture.TwoLetterISOLanguageName}}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width,initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{{E(title)}}</title>
            <style>:root{color-scheme:light dark} @media (prefers-color-scheme:dark){body{background:#16181b!important;color:#e8eaed!important} .link{color:#8ab4f8!important} .button{background:#8ab4f8!important;border-color:#8ab4f8!important;color:#16181b!important} .button-else{border-color:#8ab4f8!important;color:#8ab4f8!important} }</style>
            </head>
            <body style="margin:0;padding:16px;background:#ffffff;color:#202124;font:16px/1.45 system-ui,-apple-system,'Segoe UI',sans-serif">
            <div style="max-width:640px;border-left:4px solid {{edge}};padding-left:16px;overflow-wrap:anywhere;word-break:break-word">
            <h1 style="font-size:20px;line-height:1.3;margin:0 0 8px">{{E(title)}}</h1>
            {{_body}}</div>
            </body>
            </html>

            """;
    }

    /// <summary>Text that somebody worded, as a page of its own: lines as they stand, addresses to be clicked.</summary>
    public static string Plain(string text, Message message)
    {
        var body = new MessageBody(CultureInfo.GetCultureInfo(message.Said.Language), message.Title, message.Tone switch { MessageTone.Good => Mood.Good, MessageTone.Uneasy => Mood.Uneasy, _ => Mood.Bad });
        body._body.Append(CultureInfo.InvariantCulture, $"<div style=\"white-space:pre-wrap\">{WebAddress().Replace(E(text), "<a class=\"link\" href=\"$0\" style=\"color:#0b57a4\">$0</a>")}</div>\n");
        return body.Html();
    }

    // In text that is encoded already: a quotation mark cannot end the address.
    [GeneratedRegex(@"https?://[^\s<>]+[^\s<>.,;:!?)]", RegexOptions.None, 1000)]
    private static partial Regex WebAddress();

    private void Heading(string label)
    {
        Break();
        _text.Append(Label(label, "").TrimEnd()).Append('\n');
        _body.Append(CultureInfo.InvariantCulture, $"<p style=\"margin:12px 0 0;font-weight:600\">{E(label)}</p>\n");
    }

    private void Break()
    {
        if (_inFacts) _body.Append("</table>\n");
        _inFacts = false;
        _text.Append('\n');
    }

    private string Label(string label, string value) => MessageWriter.Labelled(label, value, culture);

    private static string E(string text) => _html.Encode(text);
}
