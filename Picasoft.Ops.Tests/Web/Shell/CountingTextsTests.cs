using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Picasoft.Ops.Web.Channels;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Tests.Web.Shell;

public class CountingTextsTests
{
    [Theory]
    [InlineData("en", "1 attempt", "2 attempts", "0 attempts")]
    [InlineData("fr", "1 tentative", "2 tentatives", "0 tentative")]
    public void A_word_of_a_page_goes_with_its_number(string language, string one, string two, string none)
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
        var texts = new ServiceCollection().AddLogging().AddTexts().BuildServiceProvider().GetRequiredService<IStringLocalizer<ChannelsTexts>>();
        Assert.Equal((one, two, none), (texts["delivery.attempts", 1].Value, texts["delivery.attempts", 2].Value, texts["delivery.attempts", 0].Value));
    }
}
