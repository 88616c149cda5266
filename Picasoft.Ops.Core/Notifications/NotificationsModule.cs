using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Notifications.Channels;
using Quartz;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>Registers the channels and who empties the outbox. A new channel kind is one line here.</summary>
public static class NotificationsModule
{
    public static IServiceCollection AddNotifications(this IServiceCollection services) => services
        .AddTransient<DigestJob>()
        .AddQuartz(quartz => quartz.ScheduleJob<DigestJob>(
            trigger => trigger.WithIdentity("digest", "logs").StartNow().WithSimpleSchedule(schedule => schedule.WithInterval(TimeSpan.FromMinutes(10)).RepeatForever()),
            job => job.WithIdentity("digest", "logs")))
        .AddSingleton<IChannel, EmailChannel>()
        .AddSingleton<IChannel, MattermostChannel>()
        .AddSingleton<IChannel, NtfyChannel>()
        .AddSingleton<IChannel, WebhookChannel>()
        .AddSingleton<IChannel, MatrixChannel>()
        .AddSingleton<IChannel, TelegramChannel>()
        .AddSingleton<IChannel, FreeMobileChannel>()
        .AddSingleton<IChannel, OvhSmsChannel>()
        .AddSingleton<IChannel, AppriseChannel>()
        .AddSingleton<PushKeys>()
        .AddSingleton<IChannel, WebPushChannel>()
        .AddSingleton<ChannelKinds>()
        .AddSingleton<ChannelActions>()
        .AddSingleton<Templates.TemplateActions>()
        .AddSingleton<DeliveryQueries>()
        .AddSingleton<ClickActions>()
        .AddSingleton<ReceiptActions>()
        .AddScoped<ContactActions>()
        .AddSingleton<FallbackActions>()
        .AddSingleton<Logs.Patterns.LogDigestQueries>()
        .AddSingleton<ILetter, DigestLetter>()
        .AddSingleton<ILetter, ShiftLetter>()
        .AddSingleton<DeliveryJob>()
        .AddHostedService<DeliveryRunner>()
        .AddHostedService<UpdateRunner>()
        .AddHostedService<ReplyRunner>()
        .AddHostedService<DeadManRunner>()
        .AddHostedService<ProofRunner>();
}

/// <summary>What notifications say in the log. Event numbers 1500–1599.</summary>
internal static partial class NotificationsLog
{
    [LoggerMessage(1500, LogLevel.Error, "A round of sending failed; the next one follows")]
    public static partial void RoundFailed(ILogger log, Exception exception);

    [LoggerMessage(1503, LogLevel.Warning, "The mailbox for replies of channel {Channel} could not be read: {Why}")]
    public static partial void RepliesUnread(ILogger log, string channel, string why);

    [LoggerMessage(1504, LogLevel.Warning, "A reply about incident #{Incident} came from nobody who may respond, or from somebody who is not proven to be who they say: it did nothing")]
    public static partial void ReplyRefused(ILogger log, long incident);

    [LoggerMessage(1502, LogLevel.Warning, "The dead-man's switch outside could not be told that this node lives: {Why}")]
    public static partial void DeadManFailed(ILogger log, string why);

    [LoggerMessage(1501, LogLevel.Error, "Delivery {Delivery} could not be sent or recorded; it is tried again when its lease ends")]
    public static partial void SendFailed(ILogger log, long delivery, Exception exception);
}
