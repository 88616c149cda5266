using Microsoft.Extensions.Localization;
using MudBlazor;

namespace Picasoft.Ops.Web.Shell;

/// <summary>MudBlazor's own texts in the reader's language; a key we do not know keeps MudBlazor's English.</summary>
public sealed class MudTexts(IStringLocalizer<MudTexts> texts) : MudLocalizer
{
    public override LocalizedString this[string key] => texts[key];

    public override LocalizedString this[string key, params object[] arguments] => texts[key, arguments];
}
