using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Recovery.Steps;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>What came of a step.</summary>
/// <param name="Output">What the other side said, as it said it.</param>
public sealed record StepOutcome(bool IsWell, Phrase? Words, string? Output)
{
    /// <summary>A person aborted the run while it was being done.</summary>
    public bool WasCut { get; init; }
}

/// <summary>Does the steps that need no person. Leaders are never chosen here: Patroni is asked, and says what it did.</summary>
public sealed class StepActions(IDbContextFactory<OpsDbContext> contexts, ClusterRunner clusters, OpsSettings settings) : IDisposable
{
    /// <summary>Most of an answer that is kept, in characters.</summary>
    private const int MaxOutput = 4000;

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(1) }) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = 1024 * 1024 };

    /// <summary>Does it within its timeout. Never throws for what the other side does.</summary>
    /// <param name="aborted">Cuts it short: its program is ended with all that it started, its call is given up.</param>
    public async Task<StepOutcome> DoAsync(RecoveryRun run, CancellationToken aborted, CancellationToken cancel)
    {
        var step = run.Current!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel, aborted);
        limit.CancelAfter(step.Timeout);
        try
        {
            // A dry run looks at everything that can be looked at, and touches nothing.
            var outcome = step switch
            {
                { Check: { } check } => await CheckAsync(check, limit.Token),
                { Http: { } http } => run.DryRun ? new(true, Phrase.Of("run.would_do"), null) : await CallAsync(http, limit.Token),
                { Patroni: { } patroni } => await AskPatroniAsync(patroni, run.DryRun, limit.Token),
                { Haproxy: { } haproxy } => await HaproxyStepActions.DoAsync(haproxy, run.DryRun, limit.Token),
                { Docker: { } docker } => await DockerStepActions.DoAsync(docker, run.DryRun, limit.Token),
                { Ssh: { } ssh } => await ProgramStepActions.OverSshAsync(ssh, (await ReadAsync<SshHostInput>(PolicyKind.SshHost, limit.Token)).FirstOrDefault(h => h.Name == ssh.Host), step.Timeout, run.DryRun, limit.Token),
                { Plugin: { } plugin } => await ProgramStepActions.HereAsync(plugin, settings.RecoveryPlugins, run, run.DryRun, limit.Token),
                _ => new(true, run.DryRun ? Phrase.Of("run.would_do") : null, null),
            };
            return outcome with { Output = outcome.Output is { Length: > MaxOutput } output ? output[..MaxOutput] + "…" : outcome.Output };
        }
        catch (OperationCanceledException e) when (aborted.IsCancellationRequested) { return new(false, Phrase.Of(e is LeftRunningException ? "run.cut_left" : "run.cut", step.Ssh?.Host), null) { WasCut = true }; }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested) { return new(false, Phrase.Of(e is LeftRunningException ? "run.timeout_left" : "run.timeout", step.Timeout, step.Ssh?.Host), null); }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException) { return new(false, Phrase.Of("run.unreachable", e.Message), null); }
    }

    private async Task<StepOutcome> CheckAsync(CheckStepInput check, CancellationToken cancel)
    {
        if (check.Url is { } url)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            return await SendAsync(request, cancel);
        }
        if (await FindAsync(check.Cluster!, cancel) is not { } cluster) return new(false, Phrase.Of("run.no_cluster", check.Cluster), null);
        var view = await clusters.LookAsync(cluster, cancel);
        var words = view.Findings.Where(f => f.Level > FindingLevel.Note).Select(f => f.Words).FirstOrDefault();
        return new(words is null, words ?? Phrase.Of("run.cluster_whole", cluster.Name), null);
    }

    private async Task<StepOutcome> CallAsync(HttpStepInput http, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(new HttpMethod(http.Method.ToString().ToUpperInvariant()), http.Url);
        if (http.Body is { } body) request.Content = new StringContent(body, Encoding.UTF8, http.ContentType);
        if (http.TokenFile is { } file) request.Headers.Authorization = new("Bearer", await FirstLineAsync(file, cancel));
        return await SendAsync(request, cancel);
    }

    private async Task<StepOutcome> AskPatroniAsync(PatroniStepInput step, bool lookOnly, CancellationToken cancel)
    {
        if (await FindAsync(step.Cluster, cancel) is not { Engine: EngineKind.Patroni } cluster) return new(false, Phrase.Of("run.no_cluster", step.Cluster), null);
        var leader = (await clusters.LookAsync(cluster, cancel)).Leader;
        var isOfMember = step.Action is PatroniAction.Reinitialize or PatroniAction.Restart;
        if ((isOfMember ? step.Member : leader ?? (step.Action == PatroniAction.Failover ? cluster.Members.Keys.FirstOrDefault() : null)) is not { } asked || !cluster.Members.TryGetValue(asked, out var url))
            return new(false, isOfMember ? Phrase.Of("run.no_member", step.Member, cluster.Name) : Phrase.Of("cluster.no_leader"), null);
        if (step.Member is { } member && !cluster.Members.ContainsKey(member)) return new(false, Phrase.Of("run.no_member", member, cluster.Name), null);
        if (lookOnly) return new(true, leader is null ? Phrase.Of("cluster.no_leader") : Phrase.Of("run.led_by", cluster.Name, leader), null);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{url.TrimEnd('/')}/{Words.Of(step.Action!.Value)}") { Content = new StringContent(step.BodyFor(leader), Encoding.UTF8, "application/json") };
        if (step.PasswordFile is { } file)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{step.User}:{await FirstLineAsync(file, cancel)}")));
        return await SendAsync(request, cancel);
    }

    private async Task<StepOutcome> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            using var answer = await _client.SendAsync(request, cancel);
            var text = await answer.Content.ReadAsStringAsync(cancel);
            return new(answer.IsSuccessStatusCode, Phrase.Of("run.answered", ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture)), text);
        }
        catch (HttpRequestException e) { return new(false, Phrase.Of("run.unreached", ProbeReasons.Of(e, request.RequestUri!.Host, request.RequestUri.Port)), null); }
    }

    private async Task<ClusterInput?> FindAsync(string name, CancellationToken cancel)
    {
        return (await ReadAsync<ClusterInput>(PolicyKind.Cluster, cancel)).FirstOrDefault(c => c.Name == name);
    }

    private async Task<IEnumerable<T>> ReadAsync<T>(PolicyKind kind, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return (await db.Policies.AsNoTracking().Where(p => p.Kind == kind).Select(p => p.Definition).ToListAsync(cancel)).Select(Json.Parse<T>);
    }

    private static async Task<string> FirstLineAsync(string file, CancellationToken cancel)
    {
        using var reader = new StreamReader(file);
        return await reader.ReadLineAsync(cancel) ?? "";
    }

    public void Dispose() => _client.Dispose();
}
