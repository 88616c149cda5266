using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Localization;
using MudBlazor;
using MudBlazor.Services;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Web.Shell;

/// <summary>The frame around every page: Blazor, MudBlazor, languages, theme.</summary>
public static class ShellModule
{
    /// <summary>How long a circuit waits for a reader who lost the connection: a train through a tunnel, a phone in a pocket.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    public static WebApplicationBuilder AddShell(this WebApplicationBuilder builder)
    {
        builder.WebHost.UseStaticWebAssets(); // the build output serves _content too, not only a published one
        builder.Services.AddRazorComponents().AddInteractiveServerComponents(o =>
        {
            o.DisconnectedCircuitRetentionPeriod = _patience;
            o.DisconnectedCircuitMaxRetained = 200;
        });
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddMudServices(o =>
        {
            o.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomRight;
            o.SnackbarConfiguration.VisibleStateDuration = 6000;
            o.SnackbarConfiguration.ShowTransitionDuration = o.SnackbarConfiguration.HideTransitionDuration = 150;
        });
        builder.Services.AddTransient<MudLocalizer, MudTexts>();
        builder.Services.AddLocalization();
        builder.Services.Configure<RequestLocalizationOptions>(o =>
        {
            o.SetDefaultCulture("en").AddSupportedCultures("en", "fr").AddSupportedUICultures("en", "fr");
            o.CultureInfoUseUserOverride = false;
        });
        builder.Services.AddSingleton<ThemeSheet>();
        builder.Services.AddDataProtection().SetApplicationName("picasoft-ops").PersistKeysToDbContext<OpsDbContext>();
        return builder;
    }

    /// <summary>What every request passes, in this order.</summary>
    public static WebApplication UseShell(this WebApplication app)
    {
        app.UseRequestLocalization();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        return app;
    }

    public static WebApplication MapShell(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(o => o.ContentSecurityFrameAncestorsPolicy = "'none'");
        app.MapGet("/theme.css", async (ThemeSheet sheet, HttpContext http) =>
        {
            http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
            return Results.Text(await sheet.CssAsync(), "text/css");
        }).AllowAnonymous().ExcludeFromDescription();
        return app;
    }
}
