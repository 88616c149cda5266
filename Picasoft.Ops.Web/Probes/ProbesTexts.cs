using Microsoft.Extensions.Localization;

namespace Picasoft.Ops.Web.Probes;

/// <summary>Marker of this feature's texts, and those that are named by data.</summary>
public sealed class ProbesTexts
{
    /// <summary>What people call a kind; its own word, where this version no longer knows it.</summary>
    public static string Kind(IStringLocalizer<ProbesTexts> texts, string kind) => texts["kind." + kind] is { ResourceNotFound: false } known ? known.Value : kind;

    /// <summary>What people call what a check measured: our own words (<c>days_left</c>, <c>lag NAME</c>) in their language, those of a plugin, a query or a step as they are.</summary>
    public static string Measured(IStringLocalizer<ProbesTexts> texts, string kind, string name)
    {
        var word = name.Split(' ')[0];
        return kind is not ("plugin" or "prometheus" or "http_scenario" or "ssh_command") && texts["measured." + word + ".name"] is { ResourceNotFound: false } known ? known.Value + name[word.Length..] : name;
    }
}
