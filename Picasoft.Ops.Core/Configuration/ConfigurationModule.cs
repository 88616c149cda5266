using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Configuration.Import;
using Picasoft.Ops.Core.Configuration.Import.Compose;
using Picasoft.Ops.Core.Configuration.Sections;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Recovery;

namespace Picasoft.Ops.Core.Configuration;

public static class ConfigurationModule
{
    /// <summary>Sections in their order in the file: what is named before what names it.</summary>
    public static IServiceCollection AddConfiguration(this IServiceCollection services) => services
        .AddSingleton<IFileSection, PeopleSection>()
        .AddSingleton<IFileSection, HostsSection>()
        .AddSingleton<IFileSection, ServicesSection>()
        .AddSingleton<IFileSection, ProbesSection>()
        .AddSingleton<IFileSection, RetentionSection>()
        .AddSingleton<IFileSection, PreventionSection>()
        .AddSingleton<IFileSection, LogsSection>()
        .AddSingleton<IFileSection, LogRulesSection>()
        .AddSingleton<IFileSection, HeartbeatsSection>()
        .AddSingleton<IFileSection, ChannelsSection>()
        .AddSingleton<IFileSection, TemplatesSection>()
        .AddSingleton<IFileSection>(new PolicySection<ScheduleInput>("schedules", PolicyKind.Schedule, s => s.Name, []))
        .AddSingleton<IFileSection>(new PolicySection<EscalationInput>("escalations", PolicyKind.Escalation, e => e.Name, [], null, Route.DefaultEscalation))
        .AddSingleton<IFileSection>(new PolicySection<LabelRuleInput>("label_rules", PolicyKind.LabelRule, null, []))
        .AddSingleton<IFileSection>(new PolicySection<RouteInput>("routes", PolicyKind.Route, null, [("escalation", "escalation")], "routes"))
        .AddSingleton<IFileSection>(new PolicySection<InhibitInput>("inhibit_rules", PolicyKind.InhibitRule, null, []))
        .AddSingleton<IFileSection>(new PolicySection<MaintenanceInput>("maintenance", PolicyKind.Maintenance, m => m.Name, []))
        .AddSingleton<IFileSection>(new PolicySection<ClusterInput>("clusters", PolicyKind.Cluster, c => c.Name, [("service", "service")]))
        .AddSingleton<IFileSection>(new PolicySection<SshHostInput>("ssh_hosts", PolicyKind.SshHost, h => h.Name, []))
        .AddSingleton<IFileSection>(new PolicySection<RecoveryPlanInput>("recovery_plans", PolicyKind.RecoveryPlan, p => p.Name, [("service", "service")]))
        .AddSingleton<IFileSection, StatusPageSection>()
        .AddSingleton<OpsFileReader>()
        .AddSingleton<LogPackActions>()
        .AddSingleton<ProposalActions>()
        .AddSingleton<DockerEngineRunner>()
        .AddSingleton<ConfigurationActions>();

    /// <summary>Keeps the store in line with the file that was named at the start.</summary>
    public static IServiceCollection AddConfigurationFile(this IServiceCollection services) => services
        .AddSingleton<ConfigurationRunner>()
        .AddSingleton<DriftQueries>()
        .AddHostedService<ConfigurationListener>();
}
