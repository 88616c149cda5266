using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Incidents;

public sealed class IncidentSearchTests(PostgresFixture postgres) : IAsyncLifetime
{
    private IncidentWorld _world = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await IncidentWorld.CreateAsync(postgres);
        await _world.Actions.DeclareAsync(IncidentWorld.Camille, "Wiki is slow", Severity.High, null, null, Cancel); // 1
        await _world.SendAsync(new AlertSignal(LabelSet.Of(("alertname", "Disk"), ("service", "chat")), LabelSet.Of(("summary", "chat is down"), ("description", "inodes exhausted on /srv")), _world.Clock.GetUtcNow(), null, "api"));
        await _world.RoundAsync(); // 2
        await _world.Actions.NoteAsync(1, IncidentWorld.Camille, "The reverse proxy queues 100% of requests", Cancel);
        await _world.Actions.RecordActionAsync(2, IncidentWorld.Sacha, "Made room", "journalctl --vacuum-size=1G", "freed 3.2G", true, Cancel);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData("wiki", 1)]
    [InlineData("reverse PROXY", 1)]
    [InlineData("100%", 1)]
    [InlineData("vacuum-size", 2)]
    [InlineData("freed", 2)]
    [InlineData("inodes", 2)]
    [InlineData("chat", 2)]
    [InlineData("#2", 2)]
    [InlineData("room inodes down", 2)]
    public async Task Words_are_found_wherever_they_stand(string text, long number) => Assert.Equal(number, Assert.Single(await FoundAsync(text)));

    [Theory]
    [InlineData("wiki inodes")]
    [InlineData("100_")]
    [InlineData("\\")]
    [InlineData("#99")]
    public async Task What_is_not_there_together_is_not_found(string text) => Assert.Empty(await FoundAsync(text));

    [Fact]
    public async Task An_empty_search_finds_everything() => Assert.Equal(new long[] { 2, 1 }, await FoundAsync("  "));

    // An expression that differs from the index' own by a letter would be looked for in every row.
    [Theory]
    [InlineData("ix_timeline_entries_words", "select 1 from timeline_entries where text is not null and text || ' ' || coalesce(data::text, '') ilike '%proxy%'")]
    [InlineData("ix_alerts_words", "select 1 from alerts where incident_id is not null and coalesce(annotations ->> 'summary', '') || ' ' || coalesce(annotations ->> 'description', '') ilike '%inodes%'")]
    public async Task Each_place_is_searched_through_its_index(string index, string sql)
    {
        await using var db = _world.CreateDbContext();
        // The very words of the query that the product sends.
        Assert.Contains(sql[sql.IndexOf("where", StringComparison.Ordinal)..sql.IndexOf("'%", StringComparison.Ordinal)].Trim(), IncidentSearch.NumbersOf(db, "proxy").ToQueryString(), StringComparison.Ordinal);
        await using var connection = await _world.Source.OpenConnectionAsync(Cancel);
        await using var explain = new NpgsqlCommand($"set enable_seqscan = off; explain {sql}", connection);
        await using var plan = await explain.ExecuteReaderAsync(Cancel);
        var lines = new List<string>();
        while (await plan.ReadAsync(Cancel)) lines.Add(plan.GetString(0));
        Assert.Contains(lines, l => l.Contains(index, StringComparison.Ordinal));
    }

    private async Task<long[]> FoundAsync(string text) => [.. (await _world.Queries.LinesAsync(new(Text: text), null, 50, Cancel)).Select(l => l.Number)];
}
