using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Recovery;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>Every field of every form has a label in both languages, and every word of a choice, and what adds to a list says what: without, people read the key of the configuration file.</summary>
public sealed class EverySettingTests
{
    [Theory]
    [InlineData("")]
    [InlineData(".fr")]
    public void It_has_a_label(string language)
    {
        var texts = XDocument.Load(Path.Combine(Repository.Root, "Picasoft.Ops.Web", "Ui", $"SettingsTexts{language}.resx")).Root!.Elements("data").Select(d => (string)d.Attribute("name")!).ToHashSet();
        using var services = new ServiceCollection().AddLogging().AddStorage("Host=/nonexistent", new string('k', 32)).AddSingleton(TimeProvider.System).AddSingleton<ISecretBox>(new SecretBox(new string('k', 32))).AddSingleton(new LinkSigner(new string('k', 32))).AddProbes().AddNotifications().BuildServiceProvider();
        var probes = services.GetServices<IProbe>().Select(p => p.SettingsType).ToList();
        var forms = probes.Concat(services.GetServices<IChannel>().Select(c => c.SettingsType)).Append(typeof(ProbeInput)).Append(typeof(ChannelInput)).Append(typeof(ServiceInput)).Append(typeof(HostInput)).Append(typeof(ScheduleInput)).Append(typeof(LogRuleInput)).Append(typeof(LogSettingsInput)).Append(typeof(RetentionInput)).Append(typeof(Picasoft.Ops.Core.Probes.Trends.PreventionInput)).Append(typeof(HeartbeatInput)).Append(typeof(PersonContacts)).Append(typeof(Picasoft.Ops.Core.Notifications.Templates.TemplatesInput))
            .Concat(PolicyShape.All.Select(p => p.Input)).Append(typeof(RecoveryPlanInput)).Append(typeof(ClusterInput));
        var missing = forms.SelectMany(f => Keys(f)).Concat(probes.Select(p => p.Name)).Distinct().Where(k => !texts.Contains(k) && !_unseen.Contains(k)).ToList();
        Assert.True(missing.Count == 0, $"Not in SettingsTexts{language}.resx: {string.Join(", ", missing)}");
    }

    [Theory]
    [InlineData("")]
    [InlineData(".fr")]
    public void Every_probe_kind_has_a_name_and_a_sentence(string language)
    {
        var texts = XDocument.Load(Path.Combine(Repository.Root, "Picasoft.Ops.Web", "Probes", $"ProbesTexts{language}.resx")).Root!.Elements("data").Select(d => (string)d.Attribute("name")!).ToHashSet();
        Assert.All(EveryProbeTests.Kinds.SelectMany(k => new[] { $"kind.{k.Data}", $"about.{k.Data}" }), k => Assert.Contains(k, texts));
    }

    [Fact]
    public void The_times_that_the_form_of_a_kind_begins_with_agree()
    {
        using var services = new ServiceCollection().AddLogging().AddStorage("Host=/nonexistent", new string('k', 32)).AddSingleton(TimeProvider.System).AddProbes().BuildServiceProvider();
        var kinds = services.GetServices<IProbe>().ToList();
        Assert.All(kinds, k => Assert.Empty(k.Usual.Check()));
        var mail = kinds.Single(k => k.Kind == "mail_roundtrip");
        Assert.True(mail.Usual.Timeout * 0.9 > new Picasoft.Ops.Core.Probes.Kinds.MailRoundtripSettings().Within, "a mail is given as long as it may be on its way");
    }

    [Fact]
    public void What_an_empty_field_shows_is_what_counts_where_something_does()
    {
        string? Shown<T>(string field) => Shape.Of<T>().Fields.Single(f => f.Name == field).Rules.Example;
        Assert.Equal(DurationText.Exact(new Picasoft.Ops.Core.Probes.Trends.PreventionInput().Forecast), Shown<ProbeInput>("forecast"));
        Assert.Equal(DurationText.Exact(ProbeDefinition.DefaultTimeout), Shown<ProbeInput>("timeout"));
        Assert.Equal(DurationText.Exact(ProbeDefinition.DefaultRetryInterval), Shown<ProbeInput>("retry_interval"));
        Assert.Equal(["UTC", "UTC"], [Shown<HeartbeatInput>("time_zone"), Shown<Picasoft.Ops.Core.Alerts.MaintenanceInput>("time_zone")]);
        Assert.Equal("2024-01-01", Shown<RotationInput>("starts_on"));
    }

    /// <summary>What the page sets itself.</summary>
    private static readonly string[] _unseen = ["ProbeInput.type", "ChannelInput.type"];

    private static IEnumerable<string> Keys(Type type) => Shape.Of(type).Fields.SelectMany(f =>
        (f.Kind == FieldKind.Record ? Keys(f.Type) : f.Item is { Kind: FieldKind.Record } item && item.Type != type ? Keys(item.Type) : []).Prepend($"{type.Name}.{f.Name}") // a route within a route
        .Concat(f is { Kind: FieldKind.Map } or { Item.Kind: FieldKind.Record } ? [$"{type.Name}.{f.Name}.add", $"{type.Name}.{f.Name}.remove"] : Array.Empty<string>())
        .Concat((f.Kind == FieldKind.Choice ? Nullable.GetUnderlyingType(f.Type) ?? f.Type : f.Item is { Kind: FieldKind.Choice } word ? word.Type : null) is { } choice ? Words.All(choice).Select(w => $"{choice.Name}.{w}") : []))
        .Concat(Shape.Of(type).OneOf.Count > 0 ? [$"{type.Name}.way"] : Array.Empty<string>());
}
