using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Notifications;

/// <summary>One node that only decides and sends, on a database that several may share.</summary>
internal sealed class OutboxRig(IHost host) : IAsyncDisposable
{
    public ChannelActions Channels => host.Services.GetRequiredService<ChannelActions>();

    public IServiceProvider Services => host.Services;

    public static async Task<OutboxRig> StartAsync(string database, TimeProvider? time = null, Action<IServiceCollection>? more = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(new OpsSettings { Data = "/nonexistent", PublicUrl = "https://ops.example.org" });
        if (time is not null) builder.Services.AddSingleton(time);
        builder.Services.AddStorage(database, new string('k', 32)).AddNotifications().AddEscalations();
        more?.Invoke(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        return new(host);
    }

    public Task<OpsDbContext> DbAsync() => host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();

    public async Task<Channel> AddChannelAsync(string name, int port, params string[] to)
    {
        var json = $$$"""{"name": "{{{name}}}", "type": "email", "fold_storms": false, "from": "ops@example.org", "to": [{{{string.Join(',', to.Select(t => $"\"{t}\""))}}}], "smtp": {"host": "127.0.0.1", "port": {{{port}}}, "tls": "none", "timeout": "40s"}}""";
        var input = InputReader.Read<ChannelInput>(JsonInput.Parse(System.Text.Encoding.UTF8.GetBytes(json)).Value).Value;
        return (await Channels.CreateAsync(input, Actor.System, CancellationToken.None)).Value;
    }

    /// <summary>What the incidents' own runner does when a probe's alert arrives.</summary>
    public async Task<long> OpenAsync(string service, string title = "Mattermost ne répond plus")
    {
        await using var db = await DbAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = TimeProvider.System.GetUtcNow();
        var incident = new Incident { Title = title, Service = service, Severity = Severity.Critical, GroupKey = Guid.NewGuid().ToString(), OpenedAt = now, UpdatedAt = now };
        db.Incidents.Add(incident);
        await db.SaveChangesAsync();
        var labels = LabelSet.Of(("service", service), ("i", incident.Number.ToString(CultureInfo.InvariantCulture)));
        db.Alerts.Add(new() { Labels = labels, Fingerprint = labels.Fingerprint(), StartsAt = now, UpdatedAt = now, Source = "probe", IncidentId = incident.Number });
        await TellAsync(db, incident.Number, TimelineKind.Opened);
        await transaction.CommitAsync();
        return incident.Number;
    }

    public async Task ResolveAsync(long number)
    {
        await using var db = await DbAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var incident = await db.Incidents.SingleAsync(i => i.Number == number);
        var now = TimeProvider.System.GetUtcNow();
        incident.Resolve(now, null);
        foreach (var alert in db.Alerts.Where(a => a.IncidentId == number)) alert.ResolvedAt = now;
        await TellAsync(db, number, TimelineKind.Resolved);
        await transaction.CommitAsync();
    }

    public async Task<List<TimelineEntry>> TimelineAsync(long number)
    {
        await using var db = await DbAsync();
        return await db.Timeline.Where(t => t.IncidentNumber == number).OrderBy(t => t.Id).ToListAsync();
    }

    public async Task<List<Delivery>> DeliveriesAsync()
    {
        await using var db = await DbAsync();
        return await db.Deliveries.OrderBy(d => d.Id).ToListAsync();
    }

    public Task UntilAsync(Func<List<Delivery>, bool> deliveries, string what) => Eventually.TrueAsync(async () => deliveries(await DeliveriesAsync()), what);

    public async Task UntilDecidedAsync() => await Eventually.TrueAsync(async () =>
    {
        await using var db = await DbAsync();
        return !await db.Timeline.AnyAsync(t => t.Pending);
    }, "every entry is decided");

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    private static async Task TellAsync(OpsDbContext db, long number, TimelineKind kind)
    {
        db.Timeline.Add(new() { IncidentNumber = number, At = TimeProvider.System.GetUtcNow(), Kind = kind, By = Actor.System.Name, Pending = true });
        await db.SaveChangesAsync();
        await ChangeSignal.PublishAsync(db, IncidentActions.Topic, number, CancellationToken.None);
    }
}
