using System.Globalization;
using CsCheck;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Notifications;

public sealed class MessageWriterTests
{
    private static readonly DateTimeOffset _opened = new(2026, 11, 22, 17, 2, 0, TimeSpan.Zero);
    private static readonly TimeZoneInfo _paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    private static Incident Incident(string title = "Mattermost ne répond plus — connexion refusée") => new()
    {
        Number = 12,
        Title = title,
        Severity = Severity.Critical,
        Service = "mattermost",
        OpenedAt = _opened,
        Impact = ["etherpad", "wekan"],
    };

    private static MessageFacts Facts(Incident incident, string reason = "opened") => new(incident, reason, "tech-mail", "https://ops.example.org", _opened.AddSeconds(30), _paris)
    {
        ServiceTitle = "Mattermost",
        Runbook = "# Mattermost\n\n1. Regarder les journaux : `docker compose logs`\n2. Redémarrer : `docker compose restart app`",
        Seen = [new(null, "Mattermost ne répond plus — connexion refusée"), new(null, "Le disque de bob est plein")],
    };

    [Fact]
    public void The_beginning_in_French()
    {
        var (subject, text, html) = MessageWriter.Write(Facts(Incident()), "fr");

        Assert.Equal("[Picasoft.Ops] #12 Critique : Mattermost ne répond plus — connexion refusée", Plain(subject));
        Assert.Equal("""
            Mattermost ne répond plus — connexion refusée

            Service : Mattermost
            Gravité : Critique
            Depuis : dimanche 22 novembre 2026 à 18:02 UTC+01:00 (il y a 30 s)
            Qui s’en occupe : personne pour l’instant
            Touche aussi : etherpad, wekan

            Ouvrir l’incident : https://ops.example.org/incidents/12

            Ce qui a été constaté :
              - Le disque de bob est plein

            Que faire :
              # Mattermost
              1. Regarder les journaux : `docker compose logs`
              2. Redémarrer : `docker compose restart app`

            --·
            Envoyé par Picasoft.Ops car le canal tech-mail mentionne cette adresse.

            """.Replace('·', ' '), Plain(text));
        Assert.Contains("<html lang=\"fr\">", html, StringComparison.Ordinal);
        Assert.Contains("<a class=\"button\" href=\"https://ops.example.org/incidents/12\"", html, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme:dark", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_end_in_English()
    {
        var incident = Incident("Mattermost is down");
        incident.Resolve(_opened.AddMinutes(4), "camille");
        var (subject, text, _) = MessageWriter.Write(Facts(incident, "resolved") with { Comment = ("camille", "Disk full,\nlogs deleted") }, "en");

        Assert.Equal("[Picasoft.Ops] #12 resolved: Mattermost is down (lasted 4 min)", subject);
        Assert.Equal("""
            Mattermost is down

            Service: Mattermost
            Severity: Critical
            Lasted: From Sunday 22 November 2026, 18:02 UTC+01:00 to Sunday 22 November 2026, 18:06 UTC+01:00 (4 min)
            Resolved by: camille
            Also affects: etherpad, wekan

            See what happened: https://ops.example.org/incidents/12

            camille writes:
              Disk full,
              logs deleted

            --·
            Sent by Picasoft.Ops because channel tech-mail names this address.

            """.Replace('·', ' '), text);
    }

    [Fact]
    public void A_message_that_comes_late_says_that_it_is_over_and_who_has_it()
    {
        var resolved = Incident();
        resolved.Resolve(_opened.AddSeconds(20), null);
        Assert.Contains("C’est déjà terminé", MessageWriter.Write(Facts(resolved), "fr").Text, StringComparison.Ordinal);

        var taken = Incident();
        (taken.Assignee, taken.AcknowledgedAt, taken.AcknowledgedBy) = ("sacha", _opened.AddSeconds(10), "sacha");
        Assert.Contains("Who has it: sacha, acknowledged Sunday 22 November", MessageWriter.Write(Facts(taken), "en").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_reason_and_severity_has_its_words_in_both_languages()
    {
        foreach (var language in new[] { "fr", "en" })
            foreach (var reason in new[] { "opened", "resolved", "reopened", "severity", "acknowledgement_expired", "silence_ended" })
                foreach (var severity in Enum.GetValues<Severity>())
                {
                    var incident = Incident();
                    incident.Severity = severity;
                    var (subject, text, html) = MessageWriter.Write(Facts(incident, reason), language);
                    Assert.DoesNotContain("message.", subject + text + html, StringComparison.Ordinal);
                }
        Assert.DoesNotContain("message.", MessageWriter.WriteTest("tech-mail", "https://x", "fr", "https://x/received/1").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_people_wrote_is_data_in_HTML_and_one_line_in_the_subject() => Gen.String[0, 60].Sample(text =>
    {
        var evil = text + "</h1><script>alert(1)</script>\r\nBcc: x@example.com\" onload=\"x";
        var incident = Incident(evil);
        incident.Impact = [evil];
        var (subject, _, html) = MessageWriter.Write(Facts(incident) with { Runbook = evil + "\n" + evil, Seen = [new(null, evil + "2")], Comment = (evil, evil), ServiceTitle = evil }, "fr");
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("onload=\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain(subject, c => char.IsControl(c));
    });

    [Fact]
    public void A_runbook_that_is_an_address_is_a_link_and_another_scheme_is_not()
    {
        Assert.Contains("href=\"https://wiki.example.org/mm\"", MessageWriter.Write(Facts(Incident()) with { Runbook = "https://wiki.example.org/mm" }, "fr").Html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"javascript", MessageWriter.Write(Facts(Incident()) with { Runbook = "javascript:alert(1)" }, "fr").Html, StringComparison.Ordinal);
    }

    /// <summary>No-break spaces as spaces, so that the expected text can be read.</summary>
    private static string Plain(string text)
    {
        Assert.DoesNotMatch(" [:;?!»]", text.Replace("docker", "", StringComparison.Ordinal).Replace("journaux :", "", StringComparison.Ordinal).Replace("Redémarrer :", "", StringComparison.Ordinal));
        return text.Replace('\u00a0', ' ').Replace('\u202f', ' ');
    }

    [Fact]
    public void Every_reason_has_a_subject_and_a_word_on_the_page_in_both_languages()
    {
        var words = new System.Resources.ResourceManager(typeof(Picasoft.Ops.Web.Channels.ChannelsTexts));
        foreach (var culture in new[] { "en", "fr" }.Select(System.Globalization.CultureInfo.GetCultureInfo))
        {
            foreach (var reason in DeliveryReason.All)
            {
                // Digests, swaps, turns and the monthly plan are about no single incident, and have subjects of their own.
                if (reason is not (DeliveryReason.Swap or DeliveryReason.Shift or DeliveryReason.Later or DeliveryReason.Storm or DeliveryReason.DigestDay or DeliveryReason.DigestWeek or DeliveryReason.RecoveryPlan)) Assert.DoesNotContain("message.subject", Phrase.Of("message.subject." + reason, 1, "high", "title", TimeSpan.Zero).In(culture), StringComparison.Ordinal);
                Assert.NotNull(words.GetString("reason." + reason, culture));
            }
        }
    }
}
