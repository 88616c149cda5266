using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs.Files;

/// <summary>Follows the files of <c>logs.files</c> that this node has, once a second.</summary>
public sealed class LogFileRunner(LogIntake intake, OpsSettings settings, TimeProvider time, ILogger<LogFileRunner> log)
    : RoundRunner(time, TimeSpan.FromSeconds(1))
{
    private readonly Dictionary<string, FollowedFile> _followed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _complained = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    protected override Task RoundAsync(CancellationToken cancel) => intake.IsReady ? RunOnceAsync(cancel) : Task.CompletedTask;

    protected override void RoundFailed(Exception exception) => LogsLog.CannotRead(log, "logs.files", exception.Message);

    public async Task RunOnceAsync(CancellationToken cancel)
    {
        var wanted = new Dictionary<string, LogFileInput>(StringComparer.Ordinal);
        foreach (var input in intake.Settings.Files)
        {
            var isNew = _known.Add(input.Path);
            foreach (var path in Expand(input.Path))
            {
                wanted[path] = input;
                if (_followed.ContainsKey(path)) continue;
                // What stood in a file before anybody asked for it is history; one that comes while we look is news from its first byte.
                var mark = FileMark.Parse(await intake.PositionAsync(path, cancel));
                _followed[path] = new FollowedFile(path, input.App, settings.Node, intake, mark, fromEnd: isNew);
            }
        }
        foreach (var gone in _followed.Keys.Where(p => !wanted.ContainsKey(p) && !_followed[p].IsOpen).ToList())
        {
            _followed.Remove(gone, out var file);
            file?.Dispose();
        }
        foreach (var (path, file) in _followed)
        {
            try
            {
                file.Step(Time.GetUtcNow(), cancel);
                _complained.Remove(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (_complained.Add(path)) LogsLog.CannotRead(log, path, e.Message);
            }
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (var file in _followed.Values) file.Dispose();
        _followed.Clear();
    }

    private static IEnumerable<string> Expand(string path)
    {
        var (folder, name) = (Path.GetDirectoryName(path) ?? "/", Path.GetFileName(path));
        if (!name.Contains('*', StringComparison.Ordinal)) return [path];
        try { return [.. Directory.EnumerateFiles(folder, name).Where(f => !f.EndsWith(".gz", StringComparison.Ordinal) && !f.EndsWith(".xz", StringComparison.Ordinal)).Take(1000)]; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return []; }
    }
}
