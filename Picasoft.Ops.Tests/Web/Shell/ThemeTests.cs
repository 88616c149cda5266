using MudBlazor;
using MudBlazor.Utilities;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Tests.Web.Shell;

public class ThemeTests
{
    public static TheoryData<string> Palettes => ["light", "dark"];

    /// <summary>WCAG 2.2 AA: 4.5:1 for text, 3:1 for the lines of controls, on every surface that the pages use.</summary>
    [Theory]
    [MemberData(nameof(Palettes))]
    public void Every_colour_can_be_read(string name)
    {
        Palette p = name == "light" ? Theme.Ops.PaletteLight : Theme.Ops.PaletteDark;
        MudColor[] surfaces = [p.Background, p.BackgroundGray, p.Surface, p.DrawerBackground, p.TableHover, p.TableStriped];
        MudColor[] texts = [p.TextPrimary, p.TextSecondary, p.Primary, p.Secondary, p.Tertiary, p.Info, p.Success, p.Warning, p.Error];
        foreach (var surface in surfaces)
        {
            foreach (var text in texts) Assert.True(Contrast(text, surface) >= 4.5, $"{text} on {surface}: {Contrast(text, surface):0.00}");
            Assert.True(Contrast(p.LinesInputs, surface) >= 3, $"{p.LinesInputs} on {surface}: {Contrast(p.LinesInputs, surface):0.00}");
        }
        (MudColor Text, MudColor Fill)[] filled =
        [
            (p.PrimaryContrastText, p.Primary), (p.SecondaryContrastText, p.Secondary), (p.TertiaryContrastText, p.Tertiary), (p.InfoContrastText, p.Info),
            (p.SuccessContrastText, p.Success), (p.WarningContrastText, p.Warning), (p.ErrorContrastText, p.Error), (p.DarkContrastText, p.Dark),
        ];
        foreach (var (text, fill) in filled) Assert.True(Contrast(text, fill) >= 4.5, $"{text} on {fill}: {Contrast(text, fill):0.00}");
    }

    [Theory]
    [InlineData("/", "/", true)]
    [InlineData("/", "/incidents", false)]
    [InlineData("/incidents", "/incidents/12", true)]
    [InlineData("/incidents", "/incidentsx", false)]
    public void The_menu_knows_where_one_is(string href, string path, bool isAt) => Assert.Equal(isAt, new NavItem(href, "x", "").IsAt(path));

    [Theory]
    [InlineData("/hosts/alice", "/services")]
    [InlineData("/status-page", "/services")]
    [InlineData("/nodes", "/probes")]
    [InlineData("/message-templates", "/channels")]
    public void A_page_without_an_entry_belongs_to_one(string path, string href) => Assert.Equal(href, Assert.Single(NavItem.All, i => i.IsAt(path)).Href);

    private static double Contrast(MudColor a, MudColor b)
    {
        var (light, dark) = (Math.Max(Luminance(a), Luminance(b)), Math.Min(Luminance(a), Luminance(b)));
        return (light + 0.05) / (dark + 0.05);
    }

    private static double Luminance(MudColor c) => 0.2126 * Channel(c.R) + 0.7152 * Channel(c.G) + 0.0722 * Channel(c.B);

    private static double Channel(byte value)
    {
        var v = value / 255.0;
        return v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4);
    }
}
