using System.Net;
using System.Text.Json;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Recovery;

/// <summary>Clusters and plans from <c>ops.yaml</c>, run through the API against real web servers.</summary>
public sealed class RecoveryApiTests(OpsApi api) : IClassFixture<OpsApi>
{
    [Fact]
    public async Task A_plan_is_run_to_its_end_one_at_a_time_and_a_cluster_is_looked_at()
    {
        await using var up = await WebTarget.StartAsync();
        await using var down = await WebTarget.StartAsync();
        await down.StopAsync();
        await api.ApplyAsync($$"""
            version: 1
            services: [{name: pads}]
            clusters: [{name: etherpad, service: pads, engine: active, members: {alice: "{{up.Url()}}", bob: "{{down.Url()}}"} }]
            recovery_plans:
              - name: bring-back
                service: pads
                steps:
                  - {title: Is one active?, check: {cluster: etherpad} }
                  - {title: Tell people, manual: "Write it in the *channel*."}
                  - {title: Start it, destructive: true, http: {url: "{{up.Url()}}"} }
              - {name: other, service: pads, steps: [{title: Look, check: {url: "{{down.Url()}}"} }]}
            """);

        var started = await api.PostAsync("/api/v1/recovery/plans/bring-back/runs", new { drill = true });
        Assert.Equal(HttpStatusCode.Created, started.Status);
        var id = started["id"].GetInt64();
        await StandsAsync(id, "waiting", 2);
        Assert.Equal(HttpStatusCode.Conflict, (await api.PostAsync("/api/v1/recovery/plans/other/runs")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync($"/api/v1/recovery/runs/{id}/confirm", new { comment = "told" })).Status);
        await StandsAsync(id, "waiting", 3);
        var hits = up.Hits;
        await api.PostAsync($"/api/v1/recovery/runs/{id}/confirm");
        var run = await StandsAsync(id, "done", null);
        Assert.True(up.Hits > hits);
        Assert.Equal(["done", "done", "done"], run.GetProperty("records").EnumerateArray().Select(r => r.GetProperty("state").GetString()));
        Assert.True(run.GetProperty("drill").GetBoolean());
        Assert.Equal(id, (await api.GetAsync("/api/v1/recovery/plans"))["items"][0].GetProperty("lastGoodRun").GetProperty("id").GetInt64());

        var failing = (await api.PostAsync("/api/v1/recovery/plans/other/runs"))["id"].GetInt64();
        await StandsAsync(failing, "waiting", 1);
        await api.PostAsync($"/api/v1/recovery/runs/{failing}/abort");
        await StandsAsync(failing, "aborted", null);

        await Eventually.TrueAsync(async () => (await api.GetAsync("/api/v1/recovery/clusters/etherpad"))["leader"].GetString() == "alice", "the cluster was looked at");
        var ready = (await api.GetAsync("/api/v1/recovery/readiness"))["items"].EnumerateArray().Single(r => r.GetProperty("service").GetString() == "pads");
        Assert.Equal(id, ready.GetProperty("proven").GetProperty("run").GetInt64());
        Assert.Contains("Write it in the *channel*.", (await api.GetAsync("/api/v1/recovery/document")).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await api.PostAsync("/api/v1/recovery/plans/nothing/runs")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/v1/recovery/runs/999999")).Status);
    }

    [Fact]
    public async Task A_plan_starts_by_itself_once_is_told_on_the_incident_and_then_waits_for_a_human()
    {
        await using var up = await WebTarget.StartAsync();
        await api.ApplyAsync($$"""
            version: 1
            services: [{name: chat}]
            channels: [{name: hook, type: webhook, url: "{{up.Url("/hook")}}"}]
            routes: [{match: ['service="chat"'], escalation: chat-people}]
            escalations: [{name: chat-people, steps: [{notify: [channel:hook]}]}]
            recovery_plans:
              - name: restart-chat
                service: chat
                automatic: {after: 0s, locations: 2, at_most: 5}
                preflight: [{title: Is the database there?, check: {url: "{{up.Url("/database")}}"} }]
                steps: [{title: Restart it, http: {url: "{{up.Url("/restart")}}"} }]
            """);
        var now = TimeProvider.System.GetUtcNow();
        LabelSet At(string place) => LabelSet.Of(("alertname", "chat_down"), ("service", "chat"), ("severity", "critical"), ("location", place));
        await api.AlertAsync(At("toulouse"), now);
        var first = await NumberAsync();
        await Eventually.TrueAsync(async () => (await TimelineAsync(first)).Contains("1 location sees the failure, 2 are needed", StringComparison.Ordinal), "it says why it does not start");
        await api.AlertAsync(At("compiegne"), now);
        JsonElement run = default;
        await Eventually.TrueAsync(async () => (run = (await api.GetAsync("/api/v1/recovery/runs?plan=restart-chat"))["items"].EnumerateArray().FirstOrDefault()).ValueKind == JsonValueKind.Object && run.GetProperty("state").GetString() == "done", "the plan was run");
        Assert.True(run.GetProperty("automatic").GetBoolean());
        Assert.Equal(first, run.GetProperty("incident").GetInt64());
        Assert.Contains("ended well", await TimelineAsync(first), StringComparison.Ordinal);

        // It is over, and comes again: nobody has taken note yet.
        await EndAsync();
        await Eventually.TrueAsync(async () => (await api.GetAsync($"/api/v1/incidents/{first}"))["state"].GetString() == "resolved", "the first is over");
        await BeginAsync();
        var second = await NumberAsync();
        await Eventually.TrueAsync(async () => (await TimelineAsync(second)).Contains("nobody has taken note of run", StringComparison.Ordinal), "it is locked");
        await api.PostAsync($"/api/v1/recovery/runs/{run.GetProperty("id").GetInt64()}/see");
        await Eventually.TrueAsync(async () => (await api.GetAsync("/api/v1/recovery/runs?plan=restart-chat"))["items"].GetArrayLength() == 2, "it may again");
        Assert.Equal(second, (await api.GetAsync("/api/v1/recovery/runs?plan=restart-chat"))["items"][0].GetProperty("incident").GetInt64());
        await EndAsync();

        async Task BeginAsync() { foreach (var place in new[] { "toulouse", "compiegne" }) await api.AlertAsync(At(place), TimeProvider.System.GetUtcNow()); }
        async Task EndAsync() { foreach (var place in new[] { "toulouse", "compiegne" }) await api.AlertAsync(At(place), TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow()); }
        async Task<string> TimelineAsync(long number) => (await api.GetAsync($"/api/v1/incidents/{number}/timeline")).Text;
        async Task<long> NumberAsync()
        {
            long number = 0;
            await Eventually.TrueAsync(async () => (number = (await api.GetAsync("/api/v1/incidents?service=chat&state=open"))["items"].EnumerateArray().Select(i => i.GetProperty("number").GetInt64()).FirstOrDefault()) > 0, "an incident is open");
            return number;
        }
    }

    [Fact]
    public async Task Aborting_gives_up_the_call_that_is_being_made_and_a_long_step_holds_up_no_other_plan()
    {
        var (asked, givenUp) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var slow = await WebTarget.StartAsync(async context =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            givenUp.TrySetResult();
        });
        await using var up = await WebTarget.StartAsync();
        await api.ApplyAsync($$"""
            version: 1
            services: [{name: slow}, {name: quick}]
            recovery_plans:
              - {name: wait-long, service: slow, steps: [{title: Call, timeout: 1h, http: {url: "{{slow.Url()}}"} }, {title: Never, http: {url: "{{up.Url()}}"} }]}
              - {name: be-quick, service: quick, steps: [{title: Call, http: {url: "{{up.Url()}}"} }]}
            """);
        var id = (await api.PostAsync("/api/v1/recovery/plans/wait-long/runs"))["id"].GetInt64();
        await asked.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await StandsAsync((await api.PostAsync("/api/v1/recovery/plans/be-quick/runs"))["id"].GetInt64(), "done", null);

        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync($"/api/v1/recovery/runs/{id}/abort")).Status);
        await givenUp.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await Eventually.TrueAsync(async () => (await api.GetAsync($"/api/v1/recovery/runs/{id}")).Json is var run && run.GetProperty("state").GetString() == "aborted"
            && run.GetProperty("records").EnumerateArray().Select(r => r.GetProperty("state").GetString()).SequenceEqual(["interrupted"]), "it says that it was cut short, and does nothing more");
        Assert.Equal(1, up.Hits);
    }

    [Fact]
    public async Task Two_people_agree_and_a_run_goes_on_at_its_step_when_the_product_dies()
    {
        var asked = new TaskCompletionSource();
        var hangs = true;
        await using var target = await WebTarget.StartAsync(async context =>
        {
            asked.TrySetResult();
            if (Volatile.Read(ref hangs)) await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await api.ApplyAsync($$"""
            version: 1
            services: [{name: vault}]
            recovery_plans:
              - name: open-vault
                service: vault
                people: 2
                steps:
                  - {title: Go there, manual: "Take the key."}
                  - {title: Open it, destructive: true, timeout: 1h, http: {url: "{{target.Url()}}"} }
            """);
        using var camille = await api.CamilleAsync();
        using var sacha = await api.AdministratorAsync("sacha");
        var id = (await camille.PostAsync("/api/v1/recovery/plans/open-vault/runs"))["id"].GetInt64();
        Task<Answer> ConfirmAsync(OpsPerson? by = null, int step = 2) => by is null ? api.PostAsync($"/api/v1/recovery/runs/{id}/confirm") : by.PostAsync($"/api/v1/recovery/runs/{id}/confirm", new { step });
        await StandsAsync(id, "waiting", 1);
        Assert.Equal(HttpStatusCode.OK, (await ConfirmAsync()).Status);
        await StandsAsync(id, "waiting", 2);
        // A word that was meant for the step before, which was done meanwhile.
        var late = await ConfirmAsync(sacha, step: 1);
        Assert.Equal((HttpStatusCode.Conflict, true), (late.Status, late.Text.Contains("no longer waits at step 1", StringComparison.Ordinal)));

        await api.CrashAsync();
        await StandsAsync(id, "waiting", 2);
        // Whoever started it is one of the two: the second must be somebody else, and somebody.
        Assert.Equal(HttpStatusCode.Conflict, (await ConfirmAsync(camille)).Status);
        var program = await ConfirmAsync();
        Assert.Equal((HttpStatusCode.Conflict, true), (program.Status, program.Text.Contains("a program’s key", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.OK, (await ConfirmAsync(sacha)).Status);
        await asked.Task.WaitAsync(TimeSpan.FromMinutes(2));

        // In the midst of it: how far it got, a person must see.
        await api.CrashAsync();
        var run = await StandsAsync(id, "waiting", 2);
        Assert.Equal(["done", "interrupted"], run.GetProperty("records").EnumerateArray().Select(r => r.GetProperty("state").GetString()));
        Volatile.Write(ref hangs, false);
        Assert.Equal(HttpStatusCode.Conflict, (await ConfirmAsync(camille)).Status);
        Assert.Equal(HttpStatusCode.OK, (await ConfirmAsync(sacha)).Status);
        await StandsAsync(id, "done", null);
    }

    private async Task<JsonElement> StandsAsync(long id, string state, int? step)
    {
        JsonElement run = default;
        await Eventually.TrueAsync(async () =>
        {
            run = (await api.GetAsync($"/api/v1/recovery/runs/{id}")).Json;
            return run.GetProperty("state").GetString() == state && (step is null || run.GetProperty("step").GetInt32() == step);
        }, $"run {id} is {state} at step {step}");
        return run;
    }
}
