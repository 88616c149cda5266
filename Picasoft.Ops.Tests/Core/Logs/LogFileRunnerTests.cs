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
        File.WriteAllText(folder["b.log"], $"{word} the first line of a new file\n");
        await Eventually.TrueAsync(async () => (await node.LinesAsync(word)).Any(l => l.App == "b"), "a new file is heard from its beginning");
        Assert.DoesNotContain(await node.LinesAsync(word), l => l.Text.EndsWith("old", StringComparison.Ordinal));
    }
}
