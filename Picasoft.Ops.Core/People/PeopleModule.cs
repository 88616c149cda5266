using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.People;

/// <summary>Registers who can sign in, by ASP.NET Core Identity: without roles or cookies, which are the web's business.</summary>
public static class PeopleModule
{
    /// <summary>Shortest password. Length is the only rule: others make passwords worse (NIST SP 800-63B).</summary>
    public const int ShortestPassword = 12;

    public static IServiceCollection AddPeople(this IServiceCollection services)
    {
        services.AddIdentityCore<Person>(options =>
        {
            options.Password.RequiredLength = ShortestPassword;
            options.Password.RequiredUniqueChars = 1;
            options.Password.RequireDigit = options.Password.RequireLowercase = options.Password.RequireUppercase = options.Password.RequireNonAlphanumeric = false;
            options.User.RequireUniqueEmail = true;
        }).AddEntityFrameworkStores<OpsDbContext>();
        services.AddScoped<PersonActions>();
        services.AddScoped<InvitationActions>();
        services.AddScoped<SignInActions>();
        services.AddScoped<TokenActions>();
        services.AddScoped<PeopleQueries>();
        services.AddScoped<AuditQueries>();
        services.AddSingleton<TokenQueries>();
        services.AddScoped<FirstAdminActions>();
        return services;
    }
}
