using System.Text;
using MailKit.Net.Smtp;
using MailKit.Security;
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
            IdempotencyKey = channel.Name,
            ChannelId = channel.Id,
            ChannelName = channel.Name,
            Recipient = "rehearsal@example.org",
            IncidentNumber = incident,
            Reason = DeliveryReason.Opened,
            State = DeliveryState.Sending,
            Attempts = 1,
            CreatedAt = now,
            NextAttemptAt = now,
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
            using var client = new SmtpClient();
            using var mail = EmailChannel.Mail((EmailSettings)settings, delivery.Recipient, message, delivery.CreatedAt);
            await client.ConnectAsync(new PaperServer(), "localhost", 25, SecureSocketOptions.None, cancel);
            await client.SendAsync(mail!, cancel);
            return new(true, Phrase.Of("email.accepted", ""));
        }
    }

    /// <summary>A mail server of paper: says yes to whatever comes, and keeps nothing.</summary>
    private sealed class PaperServer : Stream
    {
        private readonly MemoryStream _answers = new(Encoding.ASCII.GetBytes("220 paper\r\n250 paper\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 ok\r\n221 bye\r\n"));

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => _answers.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count) { }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
