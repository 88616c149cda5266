using System.Text.Json;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Compat.Alertmanager;

/// <summary>The body of <c>POST /api/v2/silences</c>.</summary>
internal sealed class PostableSilence
{
    private static readonly JsonSerializerOptions _options = new() { PropertyNameCaseInsensitive = true };

    public string? Id { get; init; }

    public IReadOnlyList<PostableMatcher?>? Matchers { get; init; }

    public string? StartsAt { get; init; }

    public string? EndsAt { get; init; }

    public string? CreatedBy { get; init; }

    public string? Comment { get; init; }

    /// <summary>It names a silence that cannot exist.</summary>
    public bool IsUnknownId => !string.IsNullOrEmpty(Id) && !Guid.TryParseExact(Id, "D", out _);

    /// <exception cref="JsonException">Not a silence.</exception>
    /// <exception cref="UnprocessableException">One that lacks something.</exception>
    public static PostableSilence Read(ReadOnlySpan<byte> body)
    {
        var json = new Utf8JsonReader(body);
        var silence = JsonSerializer.Deserialize<PostableSilence>(ref json, _options) ?? new();
        _ = (silence.StartsAt is null ? null : WireTime.Read(silence.StartsAt), silence.EndsAt is null ? null : WireTime.Read(silence.EndsAt));
        // In Swagger's order: it says the first only.
        Need(silence.Comment is not null, "comment");
        Need(silence.CreatedBy is not null, "createdBy");
        Need(silence.EndsAt is not null, "endsAt");
        Need(silence.Matchers is not null, "matchers");
        if (silence.Matchers!.Count == 0) throw new UnprocessableException(612, "matchers in body should have at least 1 items");
        foreach (var (i, matcher) in silence.Matchers.Index())
        {
            Need(matcher?.IsRegex is not null, $"matchers.{i}.isRegex");
            Need(matcher!.Name is not null, $"matchers.{i}.name");
            Need(matcher.Value is not null, $"matchers.{i}.value");
        }
        Need(silence.StartsAt is not null, "startsAt");
        return silence;

        static void Need(bool isThere, string field)
        {
            if (!isThere) throw new UnprocessableException(602, $"{field} in body is required");
        }
    }

    /// <summary>What it asks for, or why that cannot be.</summary>
    public (SilenceSetting? Setting, string? Error) Setting(DateTimeOffset now)
    {
        var (start, end) = (Time(StartsAt!), Time(EndsAt!));
        if (start >= end) return (null, "Failed to create silence: start time must be before end time");
        if (end < now) return (null, "Failed to create silence: end time can't be in the past");
        if (IsUnknownId) return (new(null, [], start, end, "", ""), null);
        var matchers = new List<Matcher>();
        foreach (var (i, m) in Matchers!.Index())
        {
            if (m!.Name!.Length == 0) return (null, $"silence invalid: invalid label matcher {i}: invalid label name \"\"");
            try
            {
                matchers.Add(new(m.Name, (m.IsEqual ?? true, m.IsRegex!.Value) switch { (true, false) => MatchKind.Equal, (true, true) => MatchKind.Regex, (false, false) => MatchKind.NotEqual, _ => MatchKind.NotRegex }, m.Value!.Replace('\0', '\uFFFD')));
            }
            catch (ArgumentException e)
            {
                return (null, $"silence invalid: invalid label matcher {i}: invalid regular expression {JsonSerializer.Serialize(m.Value, Wire.Relaxed)}: {e.Message}");
            }
            if (matchers[^1].ToString().Length > MatcherParser.MaxLength) return (null, $"silence invalid: invalid label matcher {i}: longer than {MatcherParser.MaxLength} characters");
        }
        if (matchers.Count > SilenceInput.MaxMatchers) return (null, $"silence invalid: more than {SilenceInput.MaxMatchers} matchers");
        // As Alertmanager: it must ask for something; "is not" counts as that.
        if (matchers.TrueForAll(m => m.Kind is MatchKind.Equal or MatchKind.Regex && m.Matches(""))) return (null, "silence invalid: at least one matcher must not match the empty string");
        return (new(string.IsNullOrEmpty(Id) ? null : Guid.ParseExact(Id, "D"), matchers, start, end, CreatedBy!.Replace('\0', '\uFFFD'), Comment!.Replace('\0', '\uFFFD')), null);
    }

    private static DateTimeOffset Time(string text) => new(WireTime.Read(text) ?? 0, TimeSpan.Zero);
}

/// <summary>One of its matchers.</summary>
internal sealed class PostableMatcher
{
    public string? Name { get; init; }

    public string? Value { get; init; }

    public bool? IsRegex { get; init; }

    public bool? IsEqual { get; init; }
}
