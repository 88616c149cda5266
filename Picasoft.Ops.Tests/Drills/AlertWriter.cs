using System.Net.Http.Headers;
using System.Text;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>Alerts to the product, as Prometheus posts them; a 200 means that it is on disk.</summary>
internal sealed class AlertWriter : Writer
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromSeconds(1) }) { BaseAddress = new($"http://{Network.VirtualAddress}:8080"), Timeout = TimeSpan.FromSeconds(4) };
    private readonly SqlWriter _store;

    public AlertWriter(SqlWriter store) : base("ops", 2, TimeSpan.FromMilliseconds(300))
    {
        _store = store;
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Lab.Token);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _client.Dispose();
        base.Dispose(disposing);
    }

    protected override async Task<bool> WriteAsync(int hand, long id, CancellationToken cancel)
    {
        using var body = new StringContent($$"""[{"labels": {"alertname": "DrillWrite", "severity": "low", "service": "drill", "number": "{{id}}"} }]""", Encoding.UTF8, "application/json");
        using var answer = await _client.PostAsync("/api/v2/alerts", body, cancel);
        return answer.IsSuccessStatusCode ? true : throw new InvalidOperationException($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancel)}");
    }

    protected override Task<IReadOnlySet<long>> PresentAsync(CancellationToken cancel) => _store.IdsAsync("select (labels->>'number')::bigint from alerts where labels->>'alertname' = 'DrillWrite'", cancel, "ops");
}
