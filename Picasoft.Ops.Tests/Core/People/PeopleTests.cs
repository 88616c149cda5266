using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.People;

public sealed class PeopleTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 22, 20, 0, 0, TimeSpan.Zero));
    private RunningApp _app = null!;

    public async ValueTask InitializeAsync() => _app = await RunningApp.StartAsync(postgres, _time);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task The_last_administrator_stays_one()
    {
        var camille = await _app.AddPersonAsync("camille", Role.Admin);
        await _app.AddPersonAsync("sacha", Role.Responder);
        Assert.Equal("person.last_admin", (await ChangeAsync(camille.Id, role: Role.Viewer)).Refusal!.Errors[0].Message.Key);
        Assert.Equal("person.last_admin", (await ChangeAsync(camille.Id, isActive: false)).Refusal!.Errors[0].Message.Key);
        var anonymous = await _app.AddPersonAsync("anonymous", Role.Admin);
        Assert.True((await ChangeAsync(camille.Id, isActive: false)).IsDone);
        Assert.False((await ChangeAsync(anonymous.Id, role: Role.Responder)).IsDone);
    }

    [Fact]
    public async Task Of_two_administrators_who_step_down_at_once_one_stays()
    {
        var camille = await _app.AddPersonAsync("camille", Role.Admin);
        var sacha = await _app.AddPersonAsync("sacha", Role.Admin);
        var outcomes = await Task.WhenAll(ChangeAsync(camille.Id, role: Role.Viewer), ChangeAsync(sacha.Id, role: Role.Viewer));
        Assert.Single(outcomes, o => o.IsDone);
    }

    [Fact]
    public async Task An_invitation_works_once()
    {
        var key = await InviteAsync("sacha");
        Assert.True((await AcceptAsync(key)).IsDone);
        Assert.Equal("invitation.wrong_key", (await AcceptAsync(key)).Refusal!.Errors[0].Message.Key);
        Assert.True((await _app.InScopeAsync(s => s.GetRequiredService<SignInActions>().SignInAsync("sacha@example.org", RunningApp.Password, null, default))).IsDone);
    }

    [Fact]
    public async Task An_invitation_ends_after_three_days()
    {
        var key = await InviteAsync("sacha");
        _time.Advance(InvitationActions.ValidFor);
        Assert.False((await AcceptAsync(key)).IsDone);
    }

    [Fact]
    public async Task A_short_password_does_not_use_up_the_invitation()
    {
        var key = await InviteAsync("sacha");
        Assert.Equal("password", (await AcceptAsync(key, "short")).Refusal!.Errors[0].Field);
        Assert.True((await AcceptAsync(key)).IsDone);
    }

    [Fact]
    public async Task Somebody_invited_cannot_sign_in_before_choosing_a_password()
    {
        await InviteAsync("sacha");
        Assert.False((await _app.InScopeAsync(s => s.GetRequiredService<SignInActions>().SignInAsync("sacha@example.org", "", null, default))).IsDone);
    }

    [Theory]
    [InlineData("update audit_entries set action = 'nothing'")]
    [InlineData("delete from audit_entries")]
    [InlineData("truncate audit_entries")]
    public async Task The_database_refuses_to_change_the_audit_log(string sql)
    {
        await _app.AddPersonAsync("camille", Role.Admin);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => _app.InScopeAsync(s => s.GetRequiredService<OpsDbContext>().Database.ExecuteSqlRawAsync(sql)));
        Assert.Contains("append-only", refused.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_password_and_no_hash_reaches_the_audit_log()
    {
        var camille = await _app.AddPersonAsync("camille", Role.Admin);
        await _app.InScopeAsync(s => s.GetRequiredService<PersonActions>().ChangePasswordAsync(camille.Id, RunningApp.Password, "another horse battery", Actor.System, default));
        var entries = await _app.InScopeAsync(s => s.GetRequiredService<AuditQueries>().FindAsync(new(), 100, null, default));
        Assert.Equal(2, entries.Count);
        Assert.DoesNotContain(entries, e => (e.Before + e.After).Contains("horse", StringComparison.Ordinal) || (e.Before + e.After).Contains("hash", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(4, null)]
    [InlineData(5, 30)]
    [InlineData(6, 60)]
    [InlineData(9, 480)]
    [InlineData(40, 3600)]
    public void The_wait_doubles_with_each_mistake(int failures, int? seconds)
    {
        var last = _time.GetUtcNow();
        Assert.Equal(seconds is null ? null : last.AddSeconds(seconds.Value), SignInThrottle.Until(failures, last));
    }

    private Task<Outcome<Person>> ChangeAsync(long id, Role? role = null, bool? isActive = null) =>
        _app.InScopeAsync(s => s.GetRequiredService<PersonActions>().ChangeAsync(id, Actor.System, default, role: role, isActive: isActive));

    private Task<string> InviteAsync(string name) => _app.InScopeAsync(async s =>
    {
        var (_, path) = (await s.GetRequiredService<InvitationActions>().InviteAsync($"{name}@example.org", null, Role.Responder, Actor.System, default)).Value;
        return Uri.UnescapeDataString(path["/setup?key=".Length..]);
    });

    private Task<Outcome<Person>> AcceptAsync(string key, string password = RunningApp.Password) =>
        _app.InScopeAsync(s => s.GetRequiredService<InvitationActions>().AcceptAsync(key, password, null, default));
}
