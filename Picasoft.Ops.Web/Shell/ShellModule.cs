using System.IO.Compression;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;
using MudBlazor;
using MudBlazor.Services;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Live;

namespace Picasoft.Ops.Web.Shell;

/// <summary>The frame around every page: Blazor, MudBlazor, languages, theme.</summary>
public static class ShellModule
{
    /// <summary>How long a circuit waits for a reader who lost the connection: a train through a tunnel, a phone in a pocket.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    public static WebApplicationBuilder AddShell(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(o => o.AddServerHeader = false);
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
        builder.Services.AddScoped<Settling>();
        builder.Services.AddTransient<MudLocalizer, MudTexts>();
        builder.Services.AddTexts();
        builder.Services.Configure<RequestLocalizationOptions>(o =>
        {
            // English with the day before the month: everybody here lives in Europe, and 11/12 must not mean two days.
            o.DefaultRequestCulture = new("en-GB", "en");
            o.SupportedCultures = [new("en-GB"), new("fr")];
            o.SupportedUICultures = [new("en"), new("fr")];
            o.CultureInfoUseUserOverride = false;
        });
        builder.Services.AddSingleton<ThemeSheet>();
        builder.Services.AddDataProtection().SetApplicationName("picasoft-ops").PersistKeysToDbContext<OpsDbContext>();
        builder.Services.AddSingleton<IConfigureOptions<KeyManagementOptions>, SealedKeys>();
        builder.Services.AddProxies(builder.Configuration);
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<StoreAwayHandler>();
        builder.Services.AddOpenApi("v1", o => o.AddOperationTransformer<ApiDescription>().AddDocumentTransformer<ApiDescription>());
        builder.Services.AddAntiforgery(o =>
        {
            o.Cookie.Name = "ops-form";
            o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            o.SuppressXFrameOptionsHeader = true; // ours says it
        });
        // Pages hold no fixed secret (form tokens are sealed anew each time, tokens and links travel on the circuit) and our cookie does not
        // ride on another site's requests: compression over HTTPS tells an eavesdropper nothing (BREACH).
        builder.Services.AddResponseCompression(o => o.EnableForHttps = true);
        builder.Services.Configure<BrotliCompressionProviderOptions>(o => o.Level = CompressionLevel.Fastest);
        return builder;
    }

    /// <summary>What every request passes, in this order.</summary>
    public static WebApplication UseShell(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseSecurityHeaders();
        app.UseResponseCompression();
        app.UseRequestLocalization();
        app.UseWhen(http => Schemes.IsForPrograms(http.Request.Path), programs =>
        {
            programs.UseExceptionHandler(new ExceptionHandlerOptions { StatusCodeSelector = StoreAwayHandler.StatusOf });
            programs.UseStatusCodePages();
        });
        app.UseWhen(http => !Schemes.IsForPrograms(http.Request.Path), people =>
        {
            people.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandlingPath = "/error", CreateScopeForErrors = true, StatusCodeSelector = StoreAwayHandler.StatusOf });
            people.UseStatusCodePagesWithReExecute("/oops/{0}", createScopeForStatusCodePages: true);
        });
        app.Use((http, next) =>
        {
            // A page answers HEAD as it answers GET; the server itself leaves the body away.
            if (HttpMethods.IsHead(http.Request.Method) && !Schemes.IsForPrograms(http.Request.Path)) http.Request.Method = HttpMethods.Get;
            // The pages above are read, even when what failed was a form: a POST to them would lack its token.
            if (http.Features.Get<IStatusCodeReExecuteFeature>() is not null || http.Features.Get<IExceptionHandlerFeature>() is not null) http.Request.Method = HttpMethods.Get;
            return next(http);
        });
        app.UseRouting(); // here, so that the pages above find their endpoint
        app.UseRateLimiter();
        app.UseSameOrigin(app.Services.GetRequiredService<OpsSettings>());
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAddressRules();
        app.UseAntiforgery();
        return app;
    }

    public static WebApplication MapShell(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(o => o.ContentSecurityFrameAncestorsPolicy = null) // ours says it
            .Add(CircuitNeedsASession);
        app.MapOpenApi("/openapi/{documentName}.json").RequireAuthorization(Policies.Read);
        app.MapGet("/mud.css", async (ThemeSheet sheets, HttpContext http) => (await sheets.MudAsync()).Answer(http)).AllowAnonymous().ExcludeFromDescription();
        return app;
    }

    /// <summary>Pages state their access themselves; what Blazor adds beside them (the hub) belongs to those who can read.</summary>
    private static void CircuitNeedsASession(EndpointBuilder endpoint)
    {
        if (!endpoint.Metadata.OfType<ComponentTypeMetadata>().Any()) endpoint.Metadata.Add(new AuthorizeAttribute(Policies.Read));
    }
}
