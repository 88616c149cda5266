using System.ComponentModel;
using System.Diagnostics;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications.Channels;

/// <summary>Everything else, through the command line of Apprise (Debian's package <c>apprise</c>): its URLs name more than a hundred services.</summary>
public sealed record AppriseSettings
{
    /// <summary>Apprise's URLs; they hold keys.</summary>
    [Setting(Required = true)]
    public Secret Url { get; init; } = new("");

    public MessageLanguage Language { get; init; } = MessageLanguage.Fr;
}

public sealed class AppriseChannel : IChannel
{
    public string Kind => "apprise";

    public Type SettingsType => typeof(AppriseSettings);

    public IReadOnlyList<Recipient> Recipients(object settings) => [new(((AppriseSettings)settings).Url.Reveal().Split(':')[0], Words.Of(((AppriseSettings)settings).Language))];

    public MessagePreview Show(object settings, Message message) => new(message.Title, Text(message));

    private static string Text(Message message) => $"{message.Short}\n{message.Url}";

    public async Task<SendOutcome> SendAsync(object settings, string recipient, Message message, CancellationToken cancel)
    {
        var apprise = (AppriseSettings)settings;
        // The URL goes in through a file of configuration on standard input's side: arguments are seen by everybody on the machine.
        var file = Path.Combine(Path.GetTempPath(), $"ops-apprise-{Guid.NewGuid():N}.conf");
        try
        {
            await using (var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            await using (var writer = new StreamWriter(stream)) await writer.WriteLineAsync(apprise.Url.Reveal().ReplaceLineEndings(" "));
            var start = new ProcessStartInfo("apprise", ["--config", file, "--title", message.Title, "--notification-type", message.Tone switch { MessageTone.Good => "success", MessageTone.Uneasy => "warning", _ => "failure" }])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            try
            {
                await process.StandardInput.WriteAsync(Text(message).AsMemory(), cancel);
                process.StandardInput.Close();
                var (output, error) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
                await process.WaitForExitAsync(cancel);
                var said = EmailChannel.OneLine((await output + await error).Replace(apprise.Url.Reveal(), Secret.Mask, StringComparison.Ordinal), 300);
                return process.ExitCode == 0 ? new(true, Phrase.Of("apprise.done")) : new(false, Phrase.Of("apprise.failed", process.ExitCode, said));
            }
            finally
            {
                if (!process.HasExited) process.Kill(entireProcessTree: true);
            }
        }
        catch (Win32Exception) { return new(false, Phrase.Of("apprise.missing"), NotBefore: TimeSpan.FromMinutes(5)); }
        catch (IOException e) { return new(false, Phrase.Of("apprise.failed", -1, e.Message)); }
        finally { File.Delete(file); }
    }
}
