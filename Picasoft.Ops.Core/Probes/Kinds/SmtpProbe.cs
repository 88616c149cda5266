using MailKit.Net.Smtp;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Which mail server.</summary>
public sealed record SmtpProbeSettings : MailAccess;

/// <summary>A mail server greets, offers STARTTLS and lets somebody sign in, as asked. No mail is sent.</summary>
public sealed class SmtpProbe : Probe<SmtpProbeSettings>
{
    public override string Kind => "smtp";

    public override ProbeGroup Group => ProbeGroup.Mail;

    protected override string Target(SmtpProbeSettings settings) => TcpProbe.Endpoint(settings.Host, settings.SmtpPort);

    protected override async ValueTask<Observation> CheckAsync(SmtpProbeSettings settings, ProbeContext context, CancellationToken cancel)
    {
        using var client = new SmtpClient { LocalDomain = "picasoft-ops.invalid" };
        try
        {
            await MailRunner.OpenAsync(client, settings, settings.SmtpPort, context.Now, cancel);
            await client.DisconnectAsync(quit: true, cancel);
            return Observation.Up;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, MailRunner.Reason(e, settings.Host, settings.SmtpPort));
        }
    }
}
