using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Tests.Core.Configuration;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Inventory;

public class InventoryActionsTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_service_is_created_changed_and_deleted_each_with_its_line_in_the_audit_log()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        await store.Inventory.CreateHostAsync(new() { Name = "alice" }, ConfigurationStore.Camille, default);
        var made = (await store.Inventory.CreateServiceAsync(new() { Name = "wiki", Host = "alice" }, ConfigurationStore.Camille, default)).Value;
        Assert.True((await store.Inventory.UpdateServiceAsync("wiki", new() { Name = "wiki", Title = "Wiki" }, ConfigurationStore.Camille, made.Version, default)).IsDone);
        Assert.True((await store.Inventory.DeleteServiceAsync("wiki", ConfigurationStore.Camille, null, default)).IsDone);
        await using var db = await store.OpenAsync();
        Assert.Equal(["host.create alice", "service.create wiki", "service.update wiki", "service.delete wiki"], await db.Audit.OrderBy(a => a.Id).Select(a => a.Action + " " + a.Target).ToListAsync());
    }

    [Fact]
    public async Task Who_saved_second_is_told_and_overwrites_nothing()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        var seen = (await store.Inventory.CreateServiceAsync(new() { Name = "wiki" }, ConfigurationStore.Camille, default)).Value.Version;
        await store.Inventory.UpdateServiceAsync("wiki", new() { Name = "wiki", Title = "first" }, ConfigurationStore.Camille, seen, default);
        var second = await store.Inventory.UpdateServiceAsync("wiki", new() { Name = "wiki", Title = "second" }, ConfigurationStore.Camille, seen, default);
        Assert.Equal(RefusalKind.Conflict, second.Refusal!.Kind);
        await using var db = await store.OpenAsync();
        Assert.Equal("first", (await db.Services.SingleAsync()).Title);
    }

    [Fact]
    public async Task Two_good_changes_at_once_cannot_make_a_cycle()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        foreach (var name in new[] { "a", "b" }) await store.Inventory.CreateServiceAsync(new() { Name = name }, ConfigurationStore.Camille, default);
        var both = await Task.WhenAll(
            store.Inventory.UpdateServiceAsync("a", new() { Name = "a", DependsOn = ["b"] }, ConfigurationStore.Camille, null, default),
            store.Inventory.UpdateServiceAsync("b", new() { Name = "b", DependsOn = ["a"] }, ConfigurationStore.Camille, null, default));
        var refused = Assert.Single(both, o => !o.IsDone);
        Assert.StartsWith("These services depend on each other in a circle: a → b → a", Assert.Single(refused.Refusal!.Errors).Message.In(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_helped_becomes_a_step_of_the_runbook_whatever_is_written_in_it()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        await store.Inventory.CreateServiceAsync(new() { Name = "wiki", Runbook = "Look first." }, ConfigurationStore.Camille, default);
        var promoted = await store.Inventory.AddRunbookStepAsync("wiki", "Restart it\ntwice", "cat <<E\n```\nE", ConfigurationStore.Camille, default);
        Assert.Equal("Look first.\n\n- Restart it\n  twice\n\n  ````\n  cat <<E\n  ```\n  E\n  ````", promoted.Value.Runbook);
        // A second tap of the thumb adds nothing.
        Assert.Equal(promoted.Value.Runbook, (await store.Inventory.AddRunbookStepAsync("wiki", "Restart it\ntwice", "cat <<E\n```\nE", ConfigurationStore.Camille, default)).Value.Runbook);
        await store.Inventory.CreateServiceAsync(new() { Name = "chat", Runbook = "https://wiki.example.org/chat" }, ConfigurationStore.Camille, default);
        var elsewhere = await store.Inventory.AddRunbookStepAsync("chat", "Restart it", null, ConfigurationStore.Camille, default);
        Assert.Equal("The runbook is kept at https://wiki.example.org/chat: add the step there.", elsewhere.Refusal!.Errors.Single().Message.In(CultureInfo.InvariantCulture));
        await using var db = await store.OpenAsync();
        Assert.Equal(["service.update wiki"], await db.Audit.Where(a => a.Action == "service.update").Select(a => a.Action + " " + a.Target).ToListAsync());
    }

    [Fact]
    public async Task Every_mistake_of_a_service_is_named_at_once()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        var refused = await store.Inventory.CreateServiceAsync(new() { Name = "wiki", Host = "nowhere", DependsOn = ["nobody"] }, ConfigurationStore.Camille, default);
        Assert.Equal(["host", "depends_on[0]"], refused.Refusal!.Errors.Select(e => e.Field));
    }

    [Fact]
    public async Task What_others_name_is_not_deleted_and_they_are_named()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        await store.Inventory.CreateHostAsync(new() { Name = "alice" }, ConfigurationStore.Camille, default);
        await store.Inventory.CreateServiceAsync(new() { Name = "db", Host = "alice" }, ConfigurationStore.Camille, default);
        await store.Inventory.CreateServiceAsync(new() { Name = "wiki", DependsOn = ["db"] }, ConfigurationStore.Camille, default);
        var probe = InputReader.Read<ProbeInput>(JsonInput.Parse("""{"name":"p","type":"tcp","service":"db","tcp":{"host":"h","port":1}}"""u8.ToArray()).Value).Value;
        Assert.True((await store.Probes.CreateAsync(probe, ConfigurationStore.Camille, default)).IsDone);
        Assert.Equal("\"alice\" is still used by service:db: change those first.", (await store.Inventory.DeleteHostAsync("alice", ConfigurationStore.Camille, null, default)).Refusal!.Errors[0].Message.In(CultureInfo.InvariantCulture));
        Assert.Equal("\"db\" is still used by service:wiki, probe:p: change those first.", (await store.Inventory.DeleteServiceAsync("db", ConfigurationStore.Camille, null, default)).Refusal!.Errors[0].Message.In(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task What_the_file_manages_is_read_only_elsewhere()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        await store.ApplyAsync("version: 1\nhosts: [{name: alice}]\nservices: [{name: wiki}]");
        Assert.Equal(RefusalKind.Conflict, (await store.Inventory.UpdateServiceAsync("wiki", new() { Name = "wiki", Title = "x" }, ConfigurationStore.Camille, null, default)).Refusal!.Kind);
        Assert.Equal(RefusalKind.Conflict, (await store.Inventory.DeleteHostAsync("alice", ConfigurationStore.Camille, null, default)).Refusal!.Kind);
    }
}
