using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Reports;

namespace Picasoft.Ops.Tests.Core.Reports;

public class PublicStatusTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly Service _chat = new() { Name = "chat", Title = "Chat", Public = true };
    private static readonly Service _pads = new() { Name = "pads", Public = true, DependsOn = ["db"] };
    private static readonly Service _database = new() { Name = "db", Title = "PostgreSQL on alice" };

    [Fact]
    public void Only_what_is_public_is_shown_in_the_order_that_was_written()
    {
        var status = Status(["pads", "db", "gone", "chat", "pads"]);
        Assert.Equal(["pads", "chat"], status.Services.Select(s => s.Name));
        Assert.Equal(["chat", "pads"], Status([]).Services.Select(s => s.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_service_that_stands_on_one_that_is_down_is_disrupted_and_nobody_learns_what_that_is()
    {
        var status = Status([], [new() { Number = 3, Title = "10.0.0.4:5432 refused", Service = "db", Impact = ["pads"], Severity = Severity.Critical, OpenedAt = _now.AddHours(-1) }], ["db"]);
        Assert.Equal(ServiceStatus.Degraded, status.Services.Single(s => s.Name == "pads").Status);
        Assert.Equal(ServiceStatus.Up, status.Services.Single(s => s.Name == "chat").Status);
        Assert.Equal(ServiceStatus.Degraded, status.Overall);
        Assert.Equal(["pads"], Assert.Single(status.Open).Services);
        Assert.DoesNotContain("10.0.0.4", System.Text.Json.JsonSerializer.Serialize(status), StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_is_for_those_who_run_it()
    {
        var status = Status([], [new() { Number = 4, Title = "Certificate ends soon", Service = "chat", Severity = Severity.Medium, OpenedAt = _now.AddHours(-1) }]);
        Assert.Empty(status.Open);
        Assert.All(status.Services, s => Assert.Equal(ServiceStatus.Up, s.Status));
    }

    [Fact]
    public void An_incident_is_told_by_its_steps()
    {
        var status = Status([], [new() { Number = 5, Title = "x", Service = "chat", State = IncidentState.Resolved, Severity = Severity.High, OpenedAt = _now.AddHours(-3), AcknowledgedAt = _now.AddHours(-2), ResolvedAt = _now.AddHours(-1) }]);
        var incident = Assert.Single(status.Past);
        Assert.Equal([IncidentState.Open, IncidentState.Acknowledged, IncidentState.Resolved], incident.Steps.Select(s => s.State));
        Assert.Equal((_now.AddHours(-3), _now.AddHours(-1)), (incident.BeganAt, incident.ResolvedAt));
    }

    [Fact]
    public void Announced_work_is_told_by_its_services_and_times_a_week_ahead()
    {
        Maintenance Window(string name, string match, double from, double hours = 2) => new(new() { Name = name, Match = [match], StartsAt = _now.AddHours(from), Duration = TimeSpan.FromHours(hours), Comment = "new disk in alice" });
        var again = new Maintenance(new() { Name = "tuesdays", Match = ["service=\"pads\""], Schedule = "0 5 * * 2", TimeZone = "UTC", Duration = TimeSpan.FromHours(1) });
        var status = Status([], windows: [Window("disk", "service=\"chat\"", -1), Window("far", "service=\"chat\"", 24 * 8), Window("over", "service=\"chat\"", -5), Window("inside", "service=\"db\"", 1), again]);
        Assert.Equal([("Chat", _now.AddHours(-1), true), ("pads", new DateTimeOffset(2026, 12, 1, 5, 0, 0, TimeSpan.Zero), false)], status.Maintenances.Select(m => (m.Services.Single(), m.StartsAt, m.IsOpenAt(_now))));
        Assert.DoesNotContain("disk", System.Text.Json.JsonSerializer.Serialize(status), StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_says_what_was_promised_and_what_is_left_of_it()
    {
        var service = new Service { Name = "chat", SloAvailability = 99 };
        var shares = new[] { new ProbeShare("good", 1000, 0), new ProbeShare("worse", 1000, 5) }.ToLookup(_ => "chat");
        var incidents = new[] { 10, 30, 20 }.Select(m => new Incident { Service = "chat", State = IncidentState.Resolved, OpenedAt = _now, ResolvedAt = _now.AddMinutes(m) }).ToLookup(_ => "chat");
        var row = Assert.Single(AvailabilityRow.Of([service], shares, incidents));
        Assert.Equal((0.995, true, 3, TimeSpan.FromMinutes(20), (TimeSpan?)null), (row.Availability, row.Kept, row.Incidents, row.ToResolve, row.ToAcknowledge));
        Assert.Equal(0.5, row.BudgetLeft!.Value, 6);
        Assert.Null(Assert.Single(AvailabilityRow.Of([_chat], shares, incidents)).Kept);
        Assert.False((row with { Availability = 0.98 }).Kept);
    }

    private static PublicStatus Status(IReadOnlyList<string> order, IReadOnlyList<Incident>? incidents = null, string[]? down = null, Maintenance[]? windows = null)
    {
        Service[] services = [_chat, _pads, _database];
        var probes = services.Select(s => new ProbeRow(new() { Name = s.Name, Service = s.Name, Enabled = true }, new() { Status = down?.Contains(s.Name) == true ? ProbeStatus.Down : ProbeStatus.Up }, "")).ToList();
        return PublicStatus.Of(new() { Title = "Picasoft", Services = order }, ServiceHealth.Of(services, probes, [.. (incidents ?? []).Where(i => i.IsOpen)]), new Dictionary<string, IReadOnlyList<DayBar>>(), incidents ?? [], [.. windows ?? []], _now);
    }
}
