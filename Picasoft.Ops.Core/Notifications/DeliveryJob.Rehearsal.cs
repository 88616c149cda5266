using MimeKit;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

public sealed partial class DeliveryJob
{
    /// <summary>A mail that is never sent, in a transaction that will be taken back.</summary>
    internal async Task<Delivery> RehearsedAsync(OpsDbContext db, long incident, DateTimeOffset now, CancellationToken cancel)
    {
        var channel = new Channel { Name = $"rehearsal {Guid.NewGuid():N}", Type = "email", Settings = kinds.Stored(new EmailSettings { From = "rehearsal@example.org", To = ["rehearsal@example.org"], Smtp = new() { Host = "localhost" } }) };
        db.Channels.Add(channel);
        await db.SaveChangesAsync(cancel);
        var delivery = new Delivery
        {
            IdempotencyKey = channel.Name, ChannelId = channel.Id, ChannelName = channel.Name, Recipient = "rehearsal@example.org", IncidentNumber = incident,
            Reason = DeliveryReason.Opened, State = DeliveryState.Sending, Attempts = 1, CreatedAt = now, NextAttemptAt = now,
        };
        db.Deliveries.Add(delivery);
        await db.SaveChangesAsync(cancel);
        return delivery;
    }

    /// <summary>Does all that sending does, but does not send.</summary>
    internal async Task RehearseAsync(OpsDbContext db, Delivery delivery, CancellationToken cancel)
    {
        var outcome = await AttemptAsync(db, delivery, WriteAsync, cancel);
        await RecordAsync(db, delivery, outcome, TimeSpan.Zero);

        async Task<SendOutcome> WriteAsync(IChannel kind, object settings, Message message)
        {
            using var client = new MailKit.Net.Smtp.SmtpClient();
            using var mail = EmailChannel.Mail((EmailSettings)settings, delivery.Recipient, message, delivery.CreatedAt);
            await mail!.WriteToAsync(FormatOptions.Default, Stream.Null, cancel);
            return new(true, Phrase.Of("email.accepted", ""));
        }
    }
}
