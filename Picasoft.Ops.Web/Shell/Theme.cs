using MudBlazor;

namespace Picasoft.Ops.Web.Shell;

/// <summary>
/// Colours and type. Both palettes keep WCAG AA (4.5:1 for text, 3:1 for lines of controls) on all of their own surfaces;
/// MudBlazor's own do not. Fonts are the reader's: nothing is downloaded.
/// </summary>
public static class Theme
{
    /// <summary>Remembers that somebody wants another theme than their system's: <c>light</c> or <c>dark</c>.</summary>
    public const string Cookie = "ops-theme";

    private static readonly string[] _fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif"];

    public static MudTheme Ops { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#1d5aa6",
            PrimaryContrastText = "#ffffff",
            Secondary = "#5b4a9e",
            SecondaryContrastText = "#ffffff",
            Tertiary = "#0b6b66",
            TertiaryContrastText = "#ffffff",
            Info = "#0b5f8a",
            InfoContrastText = "#ffffff",
            Success = "#1a6b3c",
            SuccessContrastText = "#ffffff",
            Warning = "#8a4f00",
            WarningContrastText = "#ffffff",
            Error = "#b3261e",
            ErrorContrastText = "#ffffff",
            Dark = "#2b3442",
            DarkContrastText = "#ffffff",
            TextPrimary = "#1a222d",
            TextSecondary = "#4a5563",
            TextDisabled = "#6a7482",
            ActionDefault = "#4a5563",
            ActionDisabled = "#8d96a3",
            ActionDisabledBackground = "#e4e7eb",
            Background = "#f5f6f8",
            BackgroundGray = "#eceef2",
            Surface = "#ffffff",
            AppbarBackground = "#ffffff",
            AppbarText = "#1a222d",
            DrawerBackground = "#ffffff",
            DrawerText = "#1a222d",
            DrawerIcon = "#4a5563",
            LinesDefault = "#d9dde3",
            LinesInputs = "#7b8492",
            Divider = "#d9dde3",
            DividerLight = "#e8ebef",
            TableLines = "#e1e5ea",
            TableHover = "#eef2f8",
            TableStriped = "#f8f9fb",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#8ab6f5",
            PrimaryContrastText = "#0c1a2c",
            Secondary = "#bcaef2",
            SecondaryContrastText = "#171230",
            Tertiary = "#7ad1c9",
            TertiaryContrastText = "#06211f",
            Info = "#7cc7ee",
            InfoContrastText = "#05202e",
            Success = "#7fd39c",
            SuccessContrastText = "#06210f",
            Warning = "#f2bd63",
            WarningContrastText = "#2a1a00",
            Error = "#ff9d92",
            ErrorContrastText = "#330905",
            Dark = "#39434f",
            DarkContrastText = "#ffffff",
            TextPrimary = "#e6eaf0",
            TextSecondary = "#b0bac7",
            TextDisabled = "#8590a0",
            ActionDefault = "#b0bac7",
            ActionDisabled = "#69737f",
            ActionDisabledBackground = "#2a323d",
            Background = "#11161d",
            BackgroundGray = "#161c24",
            Surface = "#1a212b",
            AppbarBackground = "#1a212b",
            AppbarText = "#e6eaf0",
            DrawerBackground = "#161c24",
            DrawerText = "#e6eaf0",
            DrawerIcon = "#b0bac7",
            LinesDefault = "#303946",
            LinesInputs = "#7d8898",
            Divider = "#303946",
            DividerLight = "#262e39",
            TableLines = "#2a323d",
            TableHover = "#222b37",
            TableStriped = "#1d242e",
        },
        Typography = new()
        {
            Default = new DefaultTypography { FontFamily = _fonts, FontSize = ".9375rem", LineHeight = "1.5", LetterSpacing = "normal" },
            H1 = new H1Typography { FontFamily = _fonts, FontSize = "1.5rem", FontWeight = "650", LineHeight = "1.25", LetterSpacing = "-.01em" },
            H2 = new H2Typography { FontFamily = _fonts, FontSize = "1.15rem", FontWeight = "650", LineHeight = "1.3", LetterSpacing = "normal" },
            H3 = new H3Typography { FontFamily = _fonts, FontSize = "1rem", FontWeight = "650", LineHeight = "1.4", LetterSpacing = "normal" },
            H4 = new H4Typography { FontFamily = _fonts, FontSize = "1rem", FontWeight = "650" },
            H5 = new H5Typography { FontFamily = _fonts, FontSize = "1rem", FontWeight = "650" },
            H6 = new H6Typography { FontFamily = _fonts, FontSize = "1.05rem", FontWeight = "650" },
            Subtitle1 = new Subtitle1Typography { FontFamily = _fonts },
            Subtitle2 = new Subtitle2Typography { FontFamily = _fonts },
            Body1 = new Body1Typography { FontFamily = _fonts, FontSize = ".9375rem", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontFamily = _fonts, FontSize = ".875rem", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontFamily = _fonts, FontSize = ".9rem", FontWeight = "600", TextTransform = "none", LetterSpacing = "normal" },
            Caption = new CaptionTypography { FontFamily = _fonts, FontSize = ".8125rem", LetterSpacing = "normal" },
            Overline = new OverlineTypography { FontFamily = _fonts, LetterSpacing = "normal" },
        },
        LayoutProperties = new() { DefaultBorderRadius = "6px" },
    };

    /// <summary>What the reader chose; null: as their system.</summary>
    public static string? Chosen(HttpContext? http) => http?.Request.Cookies[Cookie] is "light" or "dark" ? http.Request.Cookies[Cookie] : null;
}
