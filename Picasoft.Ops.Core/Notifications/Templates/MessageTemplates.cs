using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications.Templates;

/// <summary>How messages about incidents are worded, in Liquid; empty: as the product words them. <c>templates:</c> in <c>ops.yaml</c>.</summary>
public sealed record TemplatesInput : IChecked
{
    /// <summary>One line: the subject of a mail, the heading of a post or a push.</summary>
    [Setting(MaxLength = 1000, Multiline = true, Example = "#{{ incident }} {{ title }}")]
    public string? Title { get; init; }

    /// <summary>The text of a mail.</summary>
    [Setting(MaxLength = MostCharacters, Multiline = true)]
    public string? Mail { get; init; }

    /// <summary>The text of a post in Mattermost, in place of facts and text.</summary>
    [Setting(MaxLength = MostCharacters, Multiline = true)]
    public string? Post { get; init; }

    /// <summary>Some lines for a small screen: pushes, Matrix, Telegram, Apprise.</summary>
    [Setting(MaxLength = MostCharacters, Multiline = true)]
    public string? Short { get; init; }

    /// <summary>A text message; what is longer than 300 characters is cut.</summary>
    [Setting(MaxLength = 2000, Multiline = true)]
    public string? Sms { get; init; }

    private const int MostCharacters = 10_000;

    /// <summary>Those that are written, by their names in the file.</summary>
    internal IEnumerable<(string Form, string Template)> Written() =>
        from t in new[] { ("title", Title), ("mail", Mail), ("post", Post), ("short", Short), ("sms", Sms) } where !string.IsNullOrWhiteSpace(t.Item2) select (t.Item1, t.Item2!);

    public IEnumerable<FieldError> Check() => Written().SelectMany(t => (MessageTemplate.Check(t.Template).Refusal?.Errors ?? []).Select(e => new FieldError(t.Form, e.Message)));
}

public sealed class MessageTemplates : SettingsRow<TemplatesInput>
{
    /// <summary>Topic of <see cref="ChangeSignal"/>.</summary>
    public const string Topic = "message-templates";

    /// <summary>What a form is without a template, within a template.</summary>
    public const string Default = "default";
}

internal sealed class MessageTemplatesMapping() : SettingsMapping<MessageTemplates, TemplatesInput>("message_templates");
