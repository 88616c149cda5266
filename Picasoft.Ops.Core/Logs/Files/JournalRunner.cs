using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Picasoft.Ops.Core.Logs.Files;

/// <summary>Follows systemd's journal, if <c>logs.journal</c> says so, through <c>journalctl</c>: the journal's own format is nobody else's business. The cursor is stored with what was found.</summary>
public sealed class JournalRunner(LogIntake intake, TimeProvider time, ILogger<JournalRunner> log) : BackgroundService
{
    private const string Source = "journal:";
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(10);

    /// <summary>The program; tests have one of their own.</summary>
    public string Program { get; set; } = "journalctl";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var complained = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (intake.IsReady && intake.Settings.Journal)
                {
                    await FollowAsync(stoppingToken);
                    complained = false;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { return; }
            catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException or Npgsql.NpgsqlException)
            {
                if (!complained) LogsLog.CannotRead(log, "the journal", e.Message);
                complained = true;
            }
            await Task.Delay(intake.IsReady && !intake.Settings.Journal ? TimeSpan.FromSeconds(1) : _again, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Reads until the program ends, or the journal is no longer wanted.</summary>
    public async Task FollowAsync(CancellationToken cancel)
    {
        var cursor = await intake.PositionAsync(Source, cancel);
        string[] from = cursor is null ? ["--lines=0"] : [$"--after-cursor={cursor}"];
        using var process = Process.Start(new ProcessStartInfo(Program, ["--output=json", "--follow", "--all", .. from]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = "/", UseShellExecute = false })!;
        try
        {
            var said = process.StandardError.ReadToEndAsync(cancel);
            var gate = intake.Open();
            while (intake.Settings.Journal && await process.StandardOutput.ReadLineAsync(cancel) is { } text)
            {
                if (JournalLine.Parse(Encoding.UTF8.GetBytes(text)) is not { } line) continue;
                var message = line.Message.AsSpan(0, Math.Min(line.Message.Length, Syslog.Framing.MaxMessage));
                lock (intake.Positions)
                {
                    foreach (var range in message.Split((byte)'\n'))
                        if (!message[range].IsEmpty) gate.Accept(new LogLine { Stamp = line.Stamp, Received = time.GetUtcNow(), Host = line.Host, App = line.App, Process = line.Process, Text = message[range], Severity = line.Severity, Origin = LogOrigin.Journal });
                    intake.Reached(Source, line.Cursor);
                }
            }
            if (intake.Settings.Journal && process.WaitForExit(1000) && process.ExitCode != 0) throw new IOException((await said).Trim());
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }
}
