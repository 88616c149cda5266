using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace Picasoft.Ops.Tests.Support;

/// <summary>A mail server that misbehaves as told: for answers that a real one does not give on request. Runs anywhere, as anybody.</summary>
public sealed class ScriptedSmtp : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _end = new();
    private int _connections;

    /// <param name="on">Where to listen; null: this machine alone.</param>
    /// <param name="port">0: any that is free.</param>
    public ScriptedSmtp(IPAddress? on = null, int port = 0)
    {
        _listener = new(on ?? IPAddress.Loopback, port);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Answer to a command (<c>MAIL</c>, <c>RCPT</c>, <c>.</c> after the data, or <c>*</c> for the greeting); null: as usual; "" : never answer; "-": cut the connection.</summary>
    public Func<string, string, string?> Answer { get; set; } = (_, _) => null;

    public ConcurrentQueue<MimeMessage> Messages { get; } = new();

    /// <summary>Called when a message was taken, before the answer.</summary>
    public Action<MimeMessage> OnMessage { get; init; } = _ => { };

    /// <summary>How often somebody connected.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public ValueTask DisposeAsync()
    {
        _end.Cancel();
        _listener.Stop();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                Interlocked.Increment(ref _connections);
                _ = TalkAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException) { return; }
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        try
        {
            using var _ = client;
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
            if (!await ReplyAsync("*", "", "220 scripted")) return;
            while (await reader.ReadLineAsync(_end.Token) is { } line)
            {
                var verb = line.Split(' ', ':')[0].ToUpperInvariant();
                if (!await ReplyAsync(verb, line, verb switch { "EHLO" => "250-scripted\r\n250 8BITMIME", "DATA" => "354 go on", "QUIT" => "221 bye", _ => "250 OK" })) return;
                if (verb == "QUIT") return;
                if (verb != "DATA") continue;
                var data = new StringBuilder();
                while (await reader.ReadLineAsync(_end.Token) is { } text && text != ".") data.Append(text.StartsWith('.') ? text[1..] : text).Append("\r\n");
                var mail = await MimeMessage.LoadAsync(new MemoryStream(Encoding.Latin1.GetBytes(data.ToString())));
                if (Answer(".", "") is null)
                {
                    Messages.Enqueue(mail);
                    OnMessage(mail);
                }
                if (!await ReplyAsync(".", "", "250 2.0.0 queued as 42")) return;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException) { }

        async Task<bool> ReplyAsync(string verb, string line, string usual)
        {
            var answer = Answer(verb, line) ?? usual;
            if (answer == "-") return false;
            if (answer.Length == 0) await new TaskCompletionSource().Task.WaitAsync(_end.Token);
            await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(answer + "\r\n"), _end.Token);
            return true;
        }
    }
}
