namespace Picasoft.Ops.Web.Demo;

/// <summary>Runs the demo's sites and mailbox, and breaks and mends them as <see cref="DemoScript"/> says.</summary>
internal sealed class DemoWorld(DemoSeed seed, DemoHistory history, DemoBeats beats, TimeProvider time) : BackgroundService
{
    private readonly DemoSite[] _sites = [new("postgres"), new("mattermost"), new("etherpad"), new("wekan")];
    private readonly DemoMailbox _mailbox = new(mail => Console.WriteLine($"mail to {mail.To}: {mail.Subject}"));

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var site in _sites) await site.BecomeAsync(DemoHealth.Well, cancellationToken);
        _mailbox.Start();
        await seed.EnterAsync(_sites, _mailbox.Port, cancellationToken);
        await beats.EnterAsync(cancellationToken);
        await history.WriteAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var begin = time.GetUtcNow();
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            while (await tick.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var site in _sites) await site.BecomeAsync(DemoScript.At(site.Name, time.GetUtcNow() - begin), stoppingToken);
                await beats.TickAsync(time.GetUtcNow() - begin, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        foreach (var site in _sites) await site.DisposeAsync();
        await _mailbox.DisposeAsync();
    }
}
