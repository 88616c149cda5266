using System.Globalization;
using Microsoft.Extensions.Localization;
using Picasoft.Ops.Web.Ui;

namespace Picasoft.Ops.Web.Access;

/// <summary>Actions of the audit log in the reader's words: <c>probe.create</c> is what it was done to, and what was done.</summary>
internal static class AuditWords
{
    /// <summary>Null: no words are known for it; an older version may have written it.</summary>
    public static string? Of(string action, IStringLocalizer<UiTexts> things, IStringLocalizer<AccessTexts> texts) =>
        action.Split('.') is [var thing, var did] && things["thing." + thing] is { ResourceNotFound: false, Value: var what } && texts["audit.did." + did] is { ResourceNotFound: false } done
            ? texts["audit.did", char.ToUpper(what[0], CultureInfo.CurrentUICulture) + what[1..], done.Value].Value
            : null;
}
