using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Tests.Support;
using Snappier;

namespace Picasoft.Ops.Tests.Compat.Loki;

/// <summary>Loki's push and OTLP's logs, in both their forms, packed and not. Nothing is waited for: what was answered is committed.</summary>
public sealed class PushTests(LogNode node) : IClassFixture<LogNode>
{
    private static readonly ulong _now = (ulong)(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Loki_in_JSON(bool gzip)
    {
        var word = await RuleAsync();
        var json = $$"""{"streams":[{"stream":{"host":"alice","job":"varlogs","level":"error"},"values":[["{{_now}}","{{word}} one"],["{{_now}}","Nov 25 17:00:00 bob sshd[9]: {{word}} two",{"trace":"x"}]]}]}""";
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync("/loki/api/v1/push", "application/json", Encoding.UTF8.GetBytes(json), gzip));
        var lines = (await node.LinesAsync(word)).OrderBy(l => l.Text, StringComparer.Ordinal).ToList();
        Assert.Equal([("alice", "varlogs", LogSeverity.Error, LogOrigin.Loki), ("bob", "sshd", LogSeverity.Error, LogOrigin.Loki)], lines.Select(l => (l.Host, l.App, l.Severity, l.Origin)));
    }

    [Fact]
    public async Task Loki_in_protobuf_with_snappy_as_Promtail_sends_it()
    {
        var word = await RuleAsync();
        var entry = Message((1, Message((1, _now / 1_000_000_000), (2, _now % 1_000_000_000))), (2, Encoding.UTF8.GetBytes($"{word} three")), (3, Message((1, "level"u8.ToArray()), (2, "warn"u8.ToArray()))));
        var push = Message((1, Message((1, Encoding.UTF8.GetBytes("""{container="web", host="ali\"ce"}""")), (2, entry))));
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync("/loki/api/v1/push", "application/x-protobuf", Snappy.CompressToArray(push)));
        var line = Assert.Single(await node.LinesAsync(word));
        Assert.Equal(("ali\"ce", "web", LogSeverity.Warning, $"{word} three"), (line.Host, line.App, line.Severity, line.Text));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OpenTelemetry_in_JSON(bool gzip)
    {
        var word = await RuleAsync();
        var json = $$$"""{"resourceLogs":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"alice"}},{"key":"service.name","value":{"stringValue":"etherpad"}}]},"scopeLogs":[{"scope":{"name":"x"},"logRecords":[{"timeUnixNano":"{{{_now}}}","severityNumber":17,"body":{"kvlistValue":{"values":[{"key":"msg","value":{"stringValue":"{{{word}}}"}},{"key":"n","value":{"intValue":"7"}}]}},"unknown":1}]}]}]}""";
        Assert.Equal(HttpStatusCode.OK, await SendAsync("/v1/logs", "application/json", Encoding.UTF8.GetBytes(json), gzip));
        var line = Assert.Single(await node.LinesAsync(word));
        Assert.Equal(("alice", "etherpad", LogSeverity.Error, $"msg={word} n=7", LogOrigin.Otlp), (line.Host, line.App, line.Severity, line.Text, line.Origin));
    }

    [Fact]
    public async Task OpenTelemetry_in_protobuf()
    {
        var word = await RuleAsync();
        var attribute = Message((1, "service.name"u8.ToArray()), (2, Message((1, "wekan"u8.ToArray()))));
        var record = Message((2, 13UL), (5, Message((1, Encoding.UTF8.GetBytes($"{word} four")))), (11, _now));
        var export = Message((1, Message((1, Message((1, attribute))), (2, Message((2, record))))));
        Assert.Equal(HttpStatusCode.OK, await SendAsync("/v1/logs", "application/x-protobuf", export));
        var line = Assert.Single(await node.LinesAsync(word));
        Assert.Equal(("wekan", LogSeverity.Warning, $"{word} four"), (line.App, line.Severity, line.Text));
    }

    [Theory]
    [InlineData("/loki/api/v1/push", "application/json", "{\"streams\":[{\"stream\":{},\"values\":[[1]]}]}", 400)]
    [InlineData("/loki/api/v1/push", "application/json", "{\"streams\":3}", 400)]
    [InlineData("/loki/api/v1/push", "application/json", "[]", 400)]
    [InlineData("/loki/api/v1/push", "application/x-protobuf", "rubbish that is not snappy", 400)]
    [InlineData("/v1/logs", "application/json", "{", 400)]
    [InlineData("/v1/logs", "application/json", "[]", 400)]
    [InlineData("/v1/logs", "application/json", "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"x\"}]}]}]}", 400)]
    [InlineData("/v1/logs", "application/x-protobuf", "\u000a\u00ff rubbish", 400)]
    [InlineData("/v1/logs", "text/plain", "x", 415)]
    public async Task What_is_wrong_is_refused(string path, string type, string body, int status) => Assert.Equal(status, (int)await SendAsync(path, type, Encoding.Latin1.GetBytes(body)));

    [Fact]
    public async Task What_is_packed_to_be_endless_is_refused()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(new byte[40 * 1024 * 1024]);
        using var client = node.App.Program(await node.App.AddTokenAsync(Scopes.Ingest));
        using var content = new ByteArrayContent(packed.ToArray()) { Headers = { ContentType = new("application/json"), ContentEncoding = { "gzip" } } };
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await client.PostAsync("/v1/logs", content)).StatusCode);
    }

    private async Task<string> RuleAsync()
    {
        var word = $"word{Guid.NewGuid():N}";
        await node.RuleAsync(new() { Name = word, Match = word });
        return word;
    }

    private async Task<HttpStatusCode> SendAsync(string path, string type, byte[] body, bool gzip = false)
    {
        using var client = node.App.Program(await node.App.AddTokenAsync(Scopes.Ingest));
        using var packed = new MemoryStream();
        if (gzip)
            using (var to = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) to.Write(body);
        using var content = new ByteArrayContent(gzip ? packed.ToArray() : body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (gzip) content.Headers.ContentEncoding.Add("gzip");
        using var answer = await client.PostAsync(path, content);
        return answer.StatusCode;
    }

    /// <summary>A protobuf message by hand: as the specification has it, not as our reader reads it.</summary>
    private static byte[] Message(params (int Field, object Value)[] fields)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
            foreach (var (field, value) in fields)
            {
                var isFixed = value is ulong and > uint.MaxValue;
                output.WriteTag(field, value is byte[]? WireFormat.WireType.LengthDelimited : isFixed ? WireFormat.WireType.Fixed64 : WireFormat.WireType.Varint);
                if (value is byte[] inner) output.WriteBytes(ByteString.CopyFrom(inner));
                else if (isFixed) output.WriteFixed64((ulong)value);
                else output.WriteUInt64((ulong)value);
            }
        return bytes.ToArray();
    }
}
