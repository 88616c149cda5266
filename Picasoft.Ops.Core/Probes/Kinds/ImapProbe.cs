using MailKit;
using MailKit.Net.Imap;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Which mailbox.</summary>
public sealed record ImapProbeSettings : MailAccess
{
    /// <summary>Opened, and counted, once signed in.</summary>
    [Setting(MaxLength = 200, Example = "INBOX")]
    public string Folder { get; init; } = "INBOX";
}

/// <summary>Somebody can sign in to a mailbox and open a folder; nothing in it is changed. Without a user it only answers, and says so.</summary>
public sealed class ImapProbe : Probe<ImapProbeSettings>
{
    public override string Kind => "imap";

    public override ProbeGroup Group => ProbeGroup.Mail;

    protected override string Target(ImapProbeSettings settings) => TcpProbe.Endpoint(settings.Host, settings.ImapPort);

    protected override async ValueTask<Observation> CheckAsync(ImapProbeSettings settings, ProbeContext context, CancellationToken cancel)
    {
        using var client = new ImapClient();
        try
        {
            await MailRunner.OpenAsync(client, settings, settings.ImapPort, context.Now, cancel);
            var seen = new Observation(true, Phrase.Of("probe.not_signed_in", Target(settings)));
            if (client.IsAuthenticated)
            {
                var folder = await client.GetFolderAsync(settings.Folder, cancel);
                await folder.StatusAsync(StatusItems.Count | StatusItems.Unread, cancel);
                seen = Observation.Up.With(new("messages", folder.Count), new("unseen", folder.Unread));
            }
            await client.DisconnectAsync(quit: true, cancel);
            return seen;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, MailRunner.Reason(e, settings.Host, settings.ImapPort));
        }
    }
}
