using System.Globalization;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications.Templates;

/// <summary>Words a message as people want it. A template that fails costs nobody a message: that form stays as the product words it. Pure.</summary>
public static class Templating
{
    private const int LongestTitle = 240;

    /// <summary>The message in these words; <see cref="Message.Fault"/> says which template could not be used, and why.</summary>
    public static Message Word(Message message, TemplatesInput templates)
    {
        var values = message.ForPrograms();
        foreach (var (form, template) in templates.Written())
        {
            var rendered = MessageTemplate.Render(template, new Dictionary<string, object?>(values, StringComparer.Ordinal) { [MessageTemplates.Default] = DefaultOf(message, form) });
            if (rendered.Refusal is { } refusal) message = message with { Fault = Phrase.Of("template.fault", form, refusal.Errors[0].Message) };
            else if (Clean(rendered.Value) is { Length: > 0 } text) message = Put(message, form, text);
        }
        return message;
    }

    private static string DefaultOf(Message message, string form) => form switch
    {
        "title" => message.Title,
        "mail" => message.Text,
        "post" => string.Join('\n', message.Facts.Select(f => MessageWriter.Labelled(f.Label, f.Value, CultureInfo.GetCultureInfo(message.Said.Language))).Append("").Append(message.Body)).Trim(),
        "short" => message.Short,
        _ => message.Sms,
    };

    private static Message Put(Message message, string form, string text) => form switch
    {
        "title" when EmailChannel.OneLine(text, LongestTitle) is var title => message with { Title = title, Brief = title, Sms = MessageWriter.Sms(title, message.Url), Subject = $"{MessageWriter.Mark} {title}" },
        "mail" => message with { Text = text + "\n", Html = MessageBody.Plain(text, message) },
        "post" => message with { Body = text, Facts = [] },
        "short" => message with { Short = text },
        "sms" => message with { Sms = text.Length > MessageWriter.LongestSms ? text[..(MessageWriter.LongestSms - 1)] + "…" : text },
        _ => message,
    };

    private static string Clean(string text) => new string([.. text.ReplaceLineEndings("\n").Where(c => !char.IsControl(c) || c is '\n' or '\t')]).Trim();
}
