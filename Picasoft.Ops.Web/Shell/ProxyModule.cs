using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace Picasoft.Ops.Web.Shell;

/// <summary>Whose word on the reader's address and scheme is believed: this machine's, and that of the proxies in <c>OPS_PROXIES</c>.</summary>
internal static class ProxyModule
{
    public static IServiceCollection AddProxies(this IServiceCollection services, IConfiguration configuration)
    {
        var proxies = (configuration["OPS_PROXIES"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            options.ForwardLimit = 3;
            foreach (var text in proxies)
            {
                if (System.Net.IPNetwork.TryParse(text, out var network)) options.KnownIPNetworks.Add(network);
                else if (IPAddress.TryParse(text, out var address)) options.KnownProxies.Add(address);
                else throw new InvalidOperationException($"OPS_PROXIES: “{text}” is neither an address nor a network such as 172.16.0.0/12.");
            }
        });
    }
}
