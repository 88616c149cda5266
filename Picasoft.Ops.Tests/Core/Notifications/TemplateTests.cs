using System.Text;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.Notifications.Templates;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Core.Probes;
using Picasoft.Ops.Tests.Rules;

namespace Picasoft.Ops.Tests.Core.Notifications;

/// <summary>The wording of messages: what a template may do, what it is told, and that no template costs anybody a message.</summary>
public sealed class TemplateTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 26, 3, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("{{ title ", "Line 1, column")]
    [InlineData("ok\n{% if state %}\n  {{ title }}", "endif")]
    [InlineData("line\n  {% foo %}", "Line 2, column")]
    [InlineData("{{ titel }}", "Line 1, column 4: there is no value “titel”")]
    [InlineData("a\n\nb {{ title | shout }}", "Line 3, column 14: there is no filter “shout”")]
    [InlineData("{% include 'x' %}", "would read a file")]
    [InlineData("{% for i in (1..100000000) %}x{% endfor %}", "at most 100 apart")]
    [InlineData("{% assign n = 100000000 %}{% for i in (1..n) %}x{% endfor %}", "at most 100 apart")]
    public void What_is_wrong_is_told_with_its_place(string template, string told) => Assert.Contains(told, string.Join('\n', MessageTemplate.Check(template).Refusal!.Errors.Select(e => e.Message.In(new("en")))), StringComparison.Ordinal);

    [Fact]
    public void Every_wrong_template_is_named_at_once_and_in_French_too()
    {
        var wrong = InputReader.Read<TemplatesInput>(JsonInput.Parse("""{"title": "{{ titel }}", "sms": "{% if %}", "post": "{{ title }}"}"""u8.ToArray()).Value).Refusal!.Errors;
        Assert.Equal(["sms", "title"], wrong.Select(e => e.Field).Order(StringComparer.Ordinal));
        Assert.Contains("ligne 1, colonne 4", wrong.Single(e => e.Field == "title").Message.In(new("fr")), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("{% assign s = 'xxxxxxxxxx' %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}{{ s }}")] // doubles until the memory is full
    [InlineData("{% assign s = 'xxxxxxxxxx' %}{% for i in (1..60) %}{% capture s %}{{ s }}{{ s }}{% endcapture %}{% endfor %}{{ s }}")]
    [InlineData("{% assign l = 'a,b,c' | split: ',' %}{% for i in (1..60) %}{% assign l = l | concat: l %}{% endfor %}{{ l | size }}")]
    [InlineData("{% assign s = body | append: body | append: body | append: body %}{{ s | replace: 'x', s | replace: 'x', s }}")]
    [InlineData("{% for i in (1..100) %}{% for j in (1..100) %}{{ body }}{% endfor %}{% endfor %}")]
    [InlineData("{% for i in (1..100) %}{% for j in (1..100) %}{% for k in (1..100) %}{% endfor %}{% endfor %}{% endfor %}")]
    public void What_would_take_too_much_is_stopped(string template)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var rendered = MessageTemplate.Render(template, new Dictionary<string, object?>(StringComparer.Ordinal) { ["body"] = new string('x', 5000) });
        Assert.Equal("template.too_much", rendered.Refusal?.Errors[0].Message.Key);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200_000_000, "it was stopped before it took much");
    }

    [Theory]
    [MemberData(nameof(EveryChannelTests.Kinds), MemberType = typeof(EveryChannelTests))]
    public void Every_kind_of_channel_shows_what_its_reader_will_see_in_the_words_people_chose(string kind)
    {
        var templates = new TemplatesInput { Title = "T-{{ incident }}-{{ state }}", Mail = "MAIL {{ default }} https://wiki.example.org/run", Post = "POST {{ who | default: 'nobody' }} {{ alerts | first }}", Short = "SHORT {{ service_title }}", Sms = "SMS {{ title }}" };
        var (channel, settings) = (Channel(kind), EveryChannelTests.Aimed(kind, 80));
        foreach (var reason in SampleMessage.Reasons)
        {
            var plain = channel.Show(settings, Sample(new(), reason));
            Assert.False(string.IsNullOrWhiteSpace(plain.Text));
            var worded = channel.Show(settings, Sample(templates, reason));
            var text = $"{worded.Title}\n{worded.Text}";
            if (kind is not ("webhook" or "sms_free_mobile" or "sms_ovh")) Assert.Contains($"T-128-{(reason == "resolved" ? "resolved" : "open")}", text, StringComparison.Ordinal);
            Assert.Contains(kind switch { "email" => "MAIL ", "mattermost" => "POST ", "webhook" => "\"incident\":128", "sms_free_mobile" or "sms_ovh" => "SMS #128", _ => "SHORT Mattermost" }, text, StringComparison.Ordinal);
            if (kind == "email") Assert.Contains("<a class=\"link\" href=\"https://wiki.example.org/run\"", worded.Html, StringComparison.Ordinal);
        }
    }

    /// <summary>Those whose server can be stood in for by a port.</summary>
    public static TheoryData<string> HttpKinds => EveryChannelTests.HttpKinds;

    [Theory, MemberData(nameof(HttpKinds))]
    public async Task What_is_shown_is_what_is_sent(string kind)
    {
        await using var server = await HttpDouble.StartAsync(_ => (200, """{"id": "1", "event_id": "$1", "ok": true, "result": {"message_id": 1}, "invalidReceivers": []}"""));
        var (channel, settings) = (Channel(kind), EveryChannelTests.Aimed(kind, server.Port));
        var message = Sample(new() { Short = "S-{{ incident }}", Post = "P-{{ incident }}", Sms = "M-{{ incident }}" }, "opened");
        await channel.SendAsync(settings, channel.Recipients(settings)[0].Address, message, TestContext.Current.CancellationToken);
        var shown = channel.Show(settings, message);
        var sent = server.Seen.Single().Body;
        if (kind == "webhook") { Assert.Equal(shown.Text, sent); return; }
        Assert.All(shown.Text.Split('\n').Append(shown.Title ?? "").Where(l => l.Length > 0), line => Assert.Contains(Letters(line), Letters(System.Net.WebUtility.HtmlDecode(System.Text.RegularExpressions.Regex.Unescape(sent))), StringComparison.Ordinal));
    }

    [Fact]
    public void A_template_that_fails_costs_nobody_the_message()
    {
        var plain = Sample(new(), "opened");
        var message = Sample(new() { Short = "{% for i in (1..100) %}{% for j in (1..100) %}{{ i }}{% endfor %}{% endfor %}", Sms = "  \n ", Title = "fine {{ incident }}" }, "opened");
        Assert.Equal((plain.Short, "fine 128"), (message.Short, message.Title));
        Assert.Contains("“short”", message.Fault!.In(new("en")), StringComparison.Ordinal);
        Assert.Contains("fine 128", message.Sms, StringComparison.Ordinal); // what is empty is no wish for an empty message
    }

    [Fact]
    public void What_people_wrote_is_data_to_a_template()
    {
        var message = Templating.Word(Sample(new(), "opened") with { Body = "{{ url }} <script>alert(1)</script>" }, new() { Post = "{{ body }}", Mail = "{{ body }}" });
        Assert.StartsWith("{{ url }}", message.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", message.Html, StringComparison.Ordinal);
    }

    private static Message Sample(TemplatesInput templates, string reason) => SampleMessage.Of(reason, templates, "tech", "https://ops.example.org", "en", _now, TimeZoneInfo.Utc);

    private static IChannel Channel(string kind) => EveryChannelTests.Find(kind);

    // Escapes differ by protocol; letters and digits do not.
    private static string Letters(string text) => new([.. text.Where(char.IsAsciiLetterOrDigit)]);
}
