using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Logs;

public sealed class LogFileRunnerTests(LogNode node) : IClassFixture<LogNode>
{
    [Fact]
    public async Task The_product_follows_what_its_settings_name()
    {
        using var folder = new TempFolder();
        var word = $"word{Guid.NewGuid():N}";
        await node.RuleAsync(new() { Name = word, Match = word });
        File.WriteAllText(folder["a.log"], $"{word} old\n");
        await using (var db = await node.App.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync())
            await node.App.Services.GetRequiredService<LogSettingsActions>().SaveAsync(db, new() { Files = [new() { Path = folder["*.log"] }] }, Actor.System, default);
        await Eventually.TrueAsync(async () =>
        {
            File.AppendAllText(folder["a.log"], $"{word} new\n");
            return (await node.LinesAsync(word)).Count > 0;
        }, "lines of the file are heard");
        // A rule of its own: the first may have kept by now as many lines as a rule keeps within a minute.
        await node.RuleAsync(new() { Name = word + "b", Match = word + "b" });
        File.WriteAllText(folder["b.log"], $"{word}b the first line of a new file\n");
        Assert.Equal("b", (await node.WaitAsync(word + "b", 1))[0].App);
        Assert.DoesNotContain(await node.LinesAsync(word), l => l.Text.EndsWith("old", StringComparison.Ordinal));
    }
}
