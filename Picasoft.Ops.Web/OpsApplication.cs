using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Patterns;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Recovery;
using Picasoft.Ops.Core.Reports;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Alerts;
using Picasoft.Ops.Web.Channels;
using Picasoft.Ops.Web.Compat.Alertmanager;
using Picasoft.Ops.Web.Compat.Healthchecks;
using Picasoft.Ops.Web.Compat.Loki;
using Picasoft.Ops.Web.Compat.MattermostActions;
using Picasoft.Ops.Web.Compat.Otlp;
using Picasoft.Ops.Web.Configuration;
using Picasoft.Ops.Web.Heartbeats;
using Picasoft.Ops.Web.Incidents;
using Picasoft.Ops.Web.Inventory;
using Picasoft.Ops.Web.Logs;
using Picasoft.Ops.Web.OnCall;
using Picasoft.Ops.Web.Probes;
using Picasoft.Ops.Web.Recovery;
using Picasoft.Ops.Web.Reports;
using Picasoft.Ops.Web.Shell;
using Picasoft.Ops.Web.Silences;
using Picasoft.Ops.Web.StatusPage;

namespace Picasoft.Ops.Web;

/// <summary>The web application, put together: one line for each module. The database is there and current.</summary>
public static class OpsApplication
{
    /// <param name="adjust">The tests' last word, such as another clock.</param>
    public static WebApplication Build(OpsSettings settings, string connectionString, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(OpsApplication).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory, // our files are beside the program, wherever it was started from
        });
        builder.WebHost.UseUrls(settings.Urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        builder.WebHost.UseStaticWebAssets(); // else a build that was not published serves no style sheets
        var started = false;
        builder.AddOpsLogging(() => started);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.Services.AddSingleton(settings);

        builder.Services.AddStorage(connectionString, Store.SecretKey(settings));
        builder.Services.AddScheduler();
        builder.Services.AddPeople();
        builder.Services.AddInventory();
        builder.Services.AddAlerts();
        builder.Services.AddProbes();
        builder.Services.AddLogs();
        builder.Services.AddHeartbeats();
        builder.Services.AddIncidents();
        builder.Services.AddOnCall();
        builder.Services.AddNotifications();
        builder.Services.AddEscalations();
        builder.Services.AddRecovery();
        builder.Services.AddLogPatterns();
        builder.Services.AddReports();
        builder.Services.AddConfiguration();
        builder.Services.AddConfigurationFile();
        builder.Services.AddSingleton<PingUrl>();
        builder.Services.AddHealthchecks();
        builder.Services.AddAccess();
        builder.AddShell();
        adjust?.Invoke(builder);

        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(() => started = true);
        app.UseShell();
        app.MapShell();
        app.MapHealth();
        app.MapAccess();
        app.MapAlerts();
        app.MapSimulate();
        app.MapPolicies();
        app.MapIncidents();
        app.MapSilences();
        app.MapOnCall();
        app.MapChannels();
        app.MapTemplates();
        app.MapInventory();
        app.MapReports();
        app.MapStatusPage();
        app.MapProbes();
        app.MapLogRules();
        app.MapHeartbeats();
        app.MapLogs();
        app.MapLogPatterns();
        app.MapLogPacks();
        app.MapRecovery();
        app.MapConfiguration();
        app.MapOpsSchema();
        app.MapAlertmanager();
        app.MapMattermostActions();
        app.MapHealthchecks();
        app.MapPushes();
        app.MapLoki();
        app.MapOtlp();
        return app;
    }

    /// <summary>One line a message, ours from "information" up, the libraries' from "warning" up.</summary>
    private static void AddOpsLogging(this WebApplicationBuilder builder, Func<bool> hasStarted) => builder.Logging
        .ClearProviders()
        .AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat, console.UseUtcTimestamp) = (true, "yyyy-MM-ddTHH:mm:ssZ ", true))
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("Npgsql", LogLevel.Warning)
        .AddFilter("Quartz", LogLevel.Warning)
        // What keeps it from starting is thrown too, and said in one sentence by whoever asked it to start.
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => level >= LogLevel.Warning && hasStarted())
        // A statement that fails throws as well, and whoever catches it knows whether it matters.
        .AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.None)
        // So does what happens to a connection; that one which is dead could not say goodbye matters to nobody.
        .AddFilter("Npgsql.Connection", LogLevel.None)
        .AddFilter("Npgsql.Transaction", LogLevel.None);
}
