using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Configuration.Sections;

namespace Picasoft.Ops.Core.Configuration;

public static class ConfigurationModule
{
    /// <summary>Sections in their order in the file: what is named before what names it.</summary>
    public static IServiceCollection AddConfiguration(this IServiceCollection services) => services
        .AddSingleton<IFileSection, HostsSection>()
        .AddSingleton<IFileSection, ServicesSection>()
        .AddSingleton<IFileSection, ProbesSection>()
        .AddSingleton<IFileSection, ChannelsSection>()
        .AddSingleton<OpsFileReader>()
        .AddSingleton<ConfigurationActions>();

    /// <summary>Keeps the store in line with the file that was named at the start.</summary>
    public static IServiceCollection AddConfigurationFile(this IServiceCollection services) => services
        .AddSingleton<ConfigurationRunner>()
        .AddHostedService<ConfigurationListener>();
}
