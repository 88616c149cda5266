using System.Diagnostics;
using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Logs.Matching;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Logs;

/// <summary>Real programs made to fail: what they say then is what the packs look for.</summary>
public sealed class ProvokedLinesTests
{
    [Theory]
    [InlineData("web-nginx-emerg", "nginx", "-t -e stderr -c FOLDER/bad.conf")]
    [InlineData("backups-borg-error", "borg", "create --show-rc FOLDER/none::a /etc/hostname")]
    [InlineData("backups-pg-dump-error", "pg_dump", "-h 127.0.0.1 -p 1 -U x y")]
    [InlineData("slapd-database", "slapd", "-f FOLDER/bad.conf -d 256 -h ldap://127.0.0.1:0")]
    [InlineData("dovecot-failure", "dovecot", "-F -c FOLDER/bad.conf")]
    public async Task What_a_program_says_when_it_fails_is_found(string rule, string program, string arguments)
    {
        var path = new[] { "/usr/sbin", "/usr/bin", "/usr/local/bin" }.Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists);
        Assert.SkipUnless(path is not null, $"{program} is not installed.");
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["bad.conf"], "bogus = 1\n");
        var info = new ProcessStartInfo(path!, arguments.Replace("FOLDER", folder.Path, StringComparison.Ordinal)) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(info)!;
        var (error, output) = (process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        var said = (await error + await output).Split('\n');
        var pattern = LogPattern.Compile(LogPacks.All.SelectMany(p => p.Rules).Single(r => r.Name == rule).In("en", null).Value.Match);
        Assert.True(said.Any(pattern.IsMatch), string.Join('\n', said));
    }
}
