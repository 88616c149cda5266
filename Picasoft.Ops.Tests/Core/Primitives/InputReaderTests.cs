using System.Text;
using System.Text.Json;
using CsCheck;
using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Primitives;

public class InputReaderTests
{
    private enum Colour
    {
        Red,
        DarkBlue,
    }

    private sealed record Inner
    {
        [Setting(Required = true)] public string Host { get; init; } = "";
        [Setting(Min = "1", Max = "65535")] public int Port { get; init; } = 25;
    }

    private sealed record Sample : IChecked
    {
        [Setting(Required = true, Name = true)] public string Name { get; init; } = "";
        [Setting(Min = "1s", Max = "1d")] public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);
        public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
        public bool FollowRedirects { get; init; } = true;
        public Colour Colour { get; init; }
        public IReadOnlyList<int> Status { get; init; } = [];
        public IReadOnlyDictionary<string, Secret> Headers { get; init; } = new Dictionary<string, Secret>();
        public Secret? Password { get; init; }
        public Inner? Smtp { get; init; }

        public IEnumerable<FieldError> Check()
        {
            if (Timeout > Interval) yield return new("timeout", Phrase.Of("input.out_of_range", "timeout", "0s", "interval"));
        }
    }

    private sealed record Part
    {
        [Setting(Min = "1")] public int SmtpPort { get; init; } = 25;
    }

    private sealed record Cased
    {
        public string Name { get; init; } = "";
        public bool FollowRedirects { get; init; }
        public TimeSpan RetryInterval { get; init; }
        public IReadOnlyDictionary<string, Secret> Headers { get; init; } = new Dictionary<string, Secret>();
        public IReadOnlyList<Part> Parts { get; init; } = [];
    }

    private static Outcome<Sample> Read(string json, Sample? keep = null) => InputReader.Read(JsonInput.Parse(Encoding.UTF8.GetBytes(json)).Value, keep: keep);

    private static (string Field, string Key)[] Errors(string json) => [.. Read(json).Refusal!.Errors.Select(e => (e.Field, e.Message.Key))];

    [Fact]
    public void Everything_written_arrives()
    {
        var sample = Read("""{"name":"web","interval":"1m","followRedirects":false,"colour":"dark_blue","status":[200,204],"headers":{"X-Key":"abc"},"smtp":{"host":"mail","port":587}}""").Value;
        Assert.Equal(("web", TimeSpan.FromMinutes(1), false, Colour.DarkBlue), (sample.Name, sample.Interval, sample.FollowRedirects, sample.Colour));
        Assert.Equal([200, 204], sample.Status);
        Assert.Equal("abc", sample.Headers["X-Key"].Reveal());
        Assert.Equal(new Inner { Host = "mail", Port = 587 }, sample.Smtp);
    }

    [Fact]
    public void What_is_not_written_keeps_its_default() => Assert.Equal(TimeSpan.FromSeconds(30), Read("""{"name":"web"}""").Value.Interval);

    [Fact]
    public void Snake_and_camel_case_are_the_same_key() => Assert.False(Read("""{"name":"web","follow_redirects":false}""").Value.FollowRedirects);

    [Fact]
    public void Every_error_is_told_at_once_with_its_path() =>
        Assert.Equal(
            [("interval", "input.expected_duration"), ("followRedirects", "input.expected_bool"), ("colour", "input.expected_choice"), ("status[1]", "input.expected_integer"),
                ("smtp.port", "input.out_of_range"), ("smtp.host", "input.required"), ("colou", "input.unknown_key"), ("name", "input.required")],
            Errors("""{"interval":"30","followRedirects":"yes","colour":"green","status":[200,"ok"],"smtp":{"port":0},"colou":1}"""));

    [Fact]
    public void Errors_name_fields_as_their_writer_does()
    {
        var json = """{"name":"a","follow_redirects":1,"retryInterval":"9m","headers":{"x_key":[]},"parts":[{"smtp_port":0},{"tooDeep":1}],"other":1}""";
        string[] written = ["followRedirects", "headers.x_key", "parts[0].smtpPort", "parts[1].tooDeep", "other"];
        Assert.Equal(written, InputReader.Read<Cased>(JsonInput.Parse(Encoding.UTF8.GetBytes(json)).Value).Refusal!.Errors.Select(e => e.Field));
        var yaml = InputReader.Read<Cased>(YamlInput.Read(json, _ => null).Root!).Refusal!.Errors;
        Assert.Equal(["follow_redirects", "headers.x_key", "parts[0].smtp_port", "parts[1].tooDeep", "other"], yaml.Select(e => e.Field));
        Assert.Equal("name, follow_redirects, retry_interval, headers, parts", yaml[^1].Message.Args[0]);
    }

    [Theory]
    [InlineData("retry_interval", "retryInterval")]
    [InlineData("parts[1].smtp_port", "parts[1].smtpPort")]
    [InlineData("headers.x_key", "headers.x_key")]
    [InlineData("not_a_field.smtp_port", "not_a_field.smtp_port")]
    [InlineData("", "")]
    public void Rules_between_fields_name_them_so_too(string rule, string json)
    {
        Assert.Equal(json, Shape.Of<Cased>().PathIn(JsonInput.Empty, rule));
        Assert.Equal(rule, Shape.Of<Cased>().PathIn(new InputMap([], null), rule));
    }

    [Fact]
    public void A_key_given_twice_is_refused() => Assert.Equal([("name", "input.twice")], Errors("""{"name":"a","name":"b"}"""));

    [Fact]
    public void A_quoted_number_is_not_a_number() => Assert.Equal([("status[0]", "input.expected_integer")], Errors("""{"name":"a","status":["200"]}"""));

    [Fact]
    public void A_name_can_stand_in_a_URL() => Assert.Equal([("name", "input.bad_name")], Errors("""{"name":"../x"}"""));

    [Fact]
    public void Rules_between_fields_are_checked_when_each_is_right() => Assert.Equal([("timeout", "input.out_of_range")], Errors("""{"name":"a","interval":"5s","timeout":"6s"}"""));

    [Fact]
    public void A_mask_sent_back_keeps_the_secret()
    {
        var before = Read("""{"name":"a","password":"hunter2","headers":{"Authorization":"Bearer x"}}""").Value;
        var after = Read("""{"name":"b","password":"•••","headers":{"Authorization":"•••"}}""", before).Value;
        Assert.Equal(("hunter2", "Bearer x"), (after.Password!.Reveal(), after.Headers["Authorization"].Reveal()));
    }

    [Fact]
    public void The_API_never_shows_a_secret()
    {
        var json = JsonSerializer.Serialize(Read("""{"name":"a","password":"hunter2","headers":{"Authorization":"Bearer x"}}""").Value, OpsJson.Api);
        Assert.DoesNotContain("hunter2", json);
        Assert.DoesNotContain("Bearer x", json);
        Assert.Contains(Secret.Mask, json);
    }

    [Fact]
    public void No_bytes_make_it_throw() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        var node = JsonInput.Parse(bytes);
        if (node.IsDone) _ = InputReader.Read<Sample>(node.Value).IsDone;
    });

    [Fact]
    public void No_JSON_makes_it_throw()
    {
        var leaf = Any<object?>(null, true, 1, -1e300, "x", "", "30s", "•••", "\ud83d\ude00");
        var key = Any("name", "interval", "status", "headers", "smtp", "password", "port", "host", "zzz", "", "a.b", "[0]");
        var node = Gen.Recursive<object?>((depth, self) => depth > 4 ? leaf : Gen.OneOf(leaf, self.Array[0, 4].Select(a => (object?)a),
            Gen.Select(key, self).Select((k, v) => KeyValuePair.Create(k, v)).Array[0, 6].Select(pairs => (object?)pairs.DistinctBy(p => p.Key).ToDictionary(p => p.Key, p => p.Value))));
        node.Sample(value => { _ = InputReader.Read<Sample>(JsonInput.Parse(JsonSerializer.SerializeToUtf8Bytes(value)).Value).IsDone; });
    }

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
