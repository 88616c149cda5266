namespace Picasoft.Ops.Core.Notifications;

/// <summary>Writes what is sent by the calendar and is about no incident, when it is sent.</summary>
public interface ILetter
{
    /// <summary>The reasons of <see cref="DeliveryReason"/> that it writes for.</summary>
    IReadOnlyList<string> Reasons { get; }

    Task<(string Subject, string Text, string? Html)> WriteAsync(Delivery delivery, string channel, string url, string language, CancellationToken cancel);
}
