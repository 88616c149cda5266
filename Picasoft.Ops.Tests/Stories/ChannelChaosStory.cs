using System.Globalization;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Notifications;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>Channels fail as dice have it: every incident reaches somebody, and nothing is accepted twice by the same way for the same step.</summary>
public sealed class ChannelChaosStory(PostgresFixture postgres)
{
    private const int Incidents = 25;

    [Fact]
    public async Task Every_incident_reaches_somebody_and_nothing_twice()
    {
        var dice = new Random(20261125);
        var accepted = new System.Collections.Concurrent.ConcurrentBag<string>();
        (int, string) Throw(string name, double failing, Seen seen)
        {
            lock (dice) if (dice.NextDouble() < failing) return (dice.Next(2) == 0 ? 500 : 503, "no");
            accepted.Add($"{name} {seen.Headers.GetValueOrDefault("Idempotency-Key")}");
            return (200, "{}");
        }
        await using var one = await HttpDouble.StartAsync(s => Throw("one", 0.6, s));
        await using var two = await HttpDouble.StartAsync(s => Throw("two", 0.6, s));
        await using var siren = await HttpDouble.StartAsync(s => Throw("siren", 0.3, s));
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await using (var db = await rig.DbAsync())
        {
            db.Policies.Add(new() { Kind = PolicyKind.Escalation, Name = "default", Definition = Json.Text(new EscalationInput { Name = "default", Steps = [new() { Notify = ["channel:one"] }] }) });
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }
        foreach (var (name, port, more) in new[] { ("one", one.Port, "\"fallback\": \"two\""), ("two", two.Port, "\"enabled\": true"), ("siren", siren.Port, "\"scream\": true") })
        {
            var json = string.Create(CultureInfo.InvariantCulture, $"{{\"name\": \"{name}\", \"type\": \"webhook\", \"url\": \"http://127.0.0.1:{port}/\", {more}}}");
            Assert.Null((await rig.Channels.CreateAsync(InputReader.Read<ChannelInput>(JsonInput.Parse(System.Text.Encoding.UTF8.GetBytes(json)).Value).Value, Actor.System, CancellationToken.None)).Refusal);
        }

        for (var i = 0; i < Incidents; i++) await rig.OpenAsync($"service-{i}");
        await rig.UntilAsync(d => d.Where(x => x.State == DeliveryState.Sent).Select(x => x.IncidentNumber).Distinct().Count() == Incidents, "each incident reached somebody");

        var deliveries = await rig.DeliveriesAsync();
        Assert.Distinct(deliveries.Select(d => (d.IncidentNumber, d.ChannelName, d.Recipient, d.Reason)));
        Assert.Distinct(accepted);
        // Whoever failed at the first try was stood in for, as long as somebody was left.
        Assert.All(deliveries.Where(d => d.ChannelName == "one" && d.Attempts > 1), d => Assert.Contains(deliveries, o => o.IncidentNumber == d.IncidentNumber && o.ChannelName == "two"));
    }
}
