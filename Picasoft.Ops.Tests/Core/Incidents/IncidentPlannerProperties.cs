using CsCheck;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Incidents;

/// <summary>What must hold whatever happens: alerts begin and end in any order and any batches, humans resolve in between.</summary>
public class IncidentPlannerProperties
{
    private static readonly string[] _services = ["", "chat", "postgres", "disk", "ring"];
    private static readonly string[] _severities = ["low", "high", "critical", ""];

    private static readonly ServiceMap _map = new([("chat", ["postgres"], "alice"), ("postgres", ["disk"], "bob"), ("ring", ["chat", "ring2"], "alice"), ("ring2", ["ring"], null)]);

    private static readonly PlanContext _context = PlanContext.At(new(2026, 11, 22, 17, 0, 0, TimeSpan.Zero), _map);

    // Which alert (service, severity, host), and what happens: it begins, ends, the batch is planned, a human mitigates or resolves.
    private static readonly Gen<(int Service, int Severity, int Host, int What)> _step = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 1], Gen.Int[0, 9]);

    [Fact]
    public void Incidents_stay_in_order_whatever_alerts_and_humans_do() => _step.List[1, 60].Sample(steps =>
    {
        var world = new World();
        foreach (var step in steps)
        {
            world.Do(step);
            world.Check();
        }
        world.Settle();
        world.Check();
        world.EndAll();
        world.Settle();
        Assert.DoesNotContain(world.Incidents.Values, i => i.State != IncidentState.Resolved);
    }, iter: 3000);

    [Fact]
    public void The_order_of_a_batch_does_not_matter() => Gen.Select(_step.List[1, 12], Gen.Int[0, 1000]).Sample((steps, seed) =>
    {
        var alerts = steps.Select((s, i) => new AlertChange(i + 1, Labels(s), LabelSet.Empty, null, s.What % 3 != 0, null)).ToList();
        var shuffled = alerts.OrderBy(a => new Random(seed + (int)a.Id).Next()).ToList();
        Assert.Equal(Told(IncidentPlanner.Plan([], _context, alerts)), Told(IncidentPlanner.Plan([], _context, shuffled)));
    });

    private static IEnumerable<string> Told(IReadOnlyList<IncidentChange> plan) => plan.Select(c => $"{c.GetType().Name} {System.Text.Json.JsonSerializer.Serialize((object)c)}");

    private static LabelSet Labels((int Service, int Severity, int Host, int What) step) => LabelSet.Of(
        ("alertname", $"A{step.Severity}"), ("service", _services[step.Service]), ("severity", _severities[step.Severity]), ("host", step.Host == 0 ? "" : "bob"));

    /// <summary>A model of the tables and of what the runner does with a plan.</summary>
    private sealed class World
    {
        private readonly Dictionary<long, (LabelSet Labels, bool Active, long? Incident)> _alerts = [];
        private readonly HashSet<long> _pending = [];
        private long _lastAlert;
        private long _lastIncident;

        public Dictionary<long, OpenIncident> Incidents { get; } = [];

        public void Do((int Service, int Severity, int Host, int What) step)
        {
            var labels = Labels(step);
            var active = _alerts.FirstOrDefault(a => a.Value.Active && a.Value.Labels.Equals(labels)).Key;
            switch (step.What)
            {
                case <= 3 when active == 0:
                    _alerts[++_lastAlert] = (labels, true, null);
                    _pending.Add(_lastAlert);
                    break;
                case 4 or 5 when active != 0:
                    End(active);
                    break;
                case 6 or 7:
                    Settle();
                    break;
                case 8 or 9 when Incidents.Values.FirstOrDefault(i => i.State != IncidentState.Resolved) is { } incident:
                    Incidents[incident.Number] = incident with { State = step.What == 8 ? IncidentState.Mitigated : IncidentState.Resolved };
                    break;
            }
        }

        public void EndAll()
        {
            foreach (var (id, _) in _alerts.Where(a => a.Value.Active).ToList()) End(id);
            // An incident whose alerts moved on by a human's hand has none left: only its own alerts can end it.
            Settle();
        }

        public void Settle()
        {
            var open = Incidents.Values.Where(i => i.State != IncidentState.Resolved).Select(i => i with
            {
                ActiveAlerts = [.. _alerts.Where(a => a.Value.Incident == i.Number && (a.Value.Active || _pending.Contains(a.Key))).Select(a => a.Key)],
                FailedHosts = [.. _alerts.Where(a => a.Value.Incident == i.Number && a.Value.Active).Select(a => IncidentPlanner.FailedHostOf(a.Value.Labels)).OfType<string>().Where(_ => i.Service is null)],
            }).ToList();
            var batch = _pending.Select(id => new AlertChange(id, _alerts[id].Labels, LabelSet.Empty, null, _alerts[id].Active, _alerts[id].Incident)).ToList();
            var numbers = new Dictionary<long, long>();
            foreach (var change in IncidentPlanner.Plan(open, _context, batch))
            {
                if (change is OpenChange opened)
                {
                    numbers[change.Number] = ++_lastIncident;
                    Incidents[_lastIncident] = new(_lastIncident, opened.GroupKey, opened.Service, [], IncidentState.Open, opened.Severity, false, true, [], [], new Dictionary<long, string>(), _context.Now);
                    Put(opened.Alert, _lastIncident);
                    continue;
                }
                var number = numbers.GetValueOrDefault(change.Number, change.Number);
                switch (change)
                {
                    case JoinChange join: Put(join.Alert, number); break;
                    case ImpactChange impact: Put(impact.Alert, number); break;
                    case AbsorbChange absorb:
                        foreach (var id in absorb.Alerts) _alerts[id] = _alerts[id] with { Incident = number };
                        Incidents[absorb.From] = Incidents[absorb.From] with { State = IncidentState.Resolved };
                        break;
                    case SeverityChange severity: Incidents[number] = Incidents[number] with { Severity = severity.To }; break;
                    case ReopenChange: Incidents[number] = Incidents[number] with { State = IncidentState.Open }; break;
                    case ResolveChange:
                        Assert.DoesNotContain(_alerts.Values, a => a.Active && a.Incident == number);
                        Incidents[number] = Incidents[number] with { State = IncidentState.Resolved };
                        break;
                }
            }
            _pending.Clear();
        }

        public void Check()
        {
            var open = Incidents.Values.Where(i => i.State != IncidentState.Resolved).ToList();
            Assert.Equal(open.Count, open.Select(i => i.GroupKey).Distinct().Count());
            foreach (var (id, alert) in _alerts.Where(a => !_pending.Contains(a.Key)))
                Assert.True(alert.Incident is { } number && Incidents.ContainsKey(number), $"alert {id} belongs nowhere");
            foreach (var incident in open)
                Assert.Contains(_alerts, a => a.Value.Incident == incident.Number && (a.Value.Active || _pending.Contains(a.Key)));
        }

        private void End(long id)
        {
            _alerts[id] = _alerts[id] with { Active = false };
            _pending.Add(id);
        }

        private void Put(AlertChange alert, long number)
        {
            Assert.Null(_alerts[alert.Id].Incident); // never in two
            _alerts[alert.Id] = _alerts[alert.Id] with { Incident = number };
        }
    }
}
