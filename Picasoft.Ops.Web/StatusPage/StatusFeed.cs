using System.Globalization;
using System.Xml.Linq;
using Microsoft.Extensions.Localization;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Reports;

namespace Picasoft.Ops.Web.StatusPage;

/// <summary>The incidents of the public page as an Atom feed (RFC 4287), one entry each, which changes as the incident does. Pure.</summary>
internal static class StatusFeed
{
    private const int Entries = 50;
    private static readonly XNamespace _atom = "http://www.w3.org/2005/Atom";

    /// <param name="at">Where people reach us, without a slash at the end.</param>
    public static string Of(PublicStatus status, Uri at, IStringLocalizer<StatusTexts> texts)
    {
        var page = new Uri(at, "/status");
        var incidents = status.Open.Concat(status.Past).OrderByDescending(i => i.UpdatedAt).Take(Entries).ToList();
        var feed = new XElement(_atom + "feed",
            new XAttribute(XNamespace.Xml + "lang", CultureInfo.CurrentUICulture.TwoLetterISOLanguageName),
            new XElement(_atom + "id", page),
            new XElement(_atom + "title", $"{status.Title} · {texts["status"]}"),
            new XElement(_atom + "updated", Time(incidents.Count > 0 ? incidents[0].UpdatedAt : DateTimeOffset.UnixEpoch)),
            new XElement(_atom + "author", new XElement(_atom + "name", status.Title)),
            new XElement(_atom + "link", new XAttribute("rel", "alternate"), new XAttribute("href", page)),
            new XElement(_atom + "link", new XAttribute("rel", "self"), new XAttribute("href", new Uri(at, "/status/feed.atom"))),
            incidents.Select(i => new XElement(_atom + "entry",
                new XElement(_atom + "id", $"{page}#incident-{i.Number}"),
                new XElement(_atom + "title", $"{string.Join(", ", i.Services)}{texts["colon"]}{texts["impact." + Words.Of(i.Severity)]} ({texts["step." + Words.Of(i.State)]})"),
                new XElement(_atom + "published", Time(i.BeganAt)),
                new XElement(_atom + "updated", Time(i.UpdatedAt)),
                new XElement(_atom + "link", new XAttribute("rel", "alternate"), new XAttribute("href", $"{page}#incident-{i.Number}")),
                new XElement(_atom + "content", new XAttribute("type", "text"), string.Join('\n', i.Steps.Reverse().Select(s => $"{Phrase.Instant(s.At, CultureInfo.CurrentUICulture)}{texts["colon"]}{texts["step." + Words.Of(s.State)]}"))))));
        return new XDeclaration("1.0", "utf-8", null) + "\n" + feed;
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
