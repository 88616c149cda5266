using System.Globalization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Shell;

/// <summary>The body of a change to something with a name: what a GET answered can be sent back as it is.</summary>
/// <param name="Input">What is to be read.</param>
/// <param name="Version">The <c>version</c> it was made from: somebody else's change since then is not overwritten.</param>
public sealed record NamedBody(InputNode Input, uint? Version)
{
    /// <summary>Reads the body. The name in the address counts when the body gives none; <paramref name="answered"/> are fields that only answers have.</summary>
    public static async Task<Outcome<NamedBody>> ReadAsync(HttpContext http, string? name, IReadOnlyCollection<string> answered, CancellationToken cancel)
    {
        var node = await Api.ReadNodeAsync(http.Request, cancel);
        if (node.Refusal is { } refusal) return refusal;
        if (node.Value is not InputMap map) return new NamedBody(node.Value, null);
        uint? version = null;
        if (map["version"] is InputScalar { Text: { } text })
        {
            if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return Refusal.Invalid("version", Phrase.Of("input.expected_integer", text));
            version = number;
        }
        var entries = map.Entries.Where(e => e.Name != "version" && !answered.Contains(e.Name, StringComparer.OrdinalIgnoreCase)).ToList();
        if (name is not null && map["name"] is null) entries.Add(new("name", new InputScalar(name, true, null), null));
        return new NamedBody(map with { Entries = entries }, version);
    }
}

/// <summary>The <c>?limit=&amp;after=</c> of lists that are ordered by name.</summary>
public sealed record NamedPage(int Limit, string? After)
{
    public static Outcome<NamedPage> Read(string? limit, string? after)
    {
        if (string.IsNullOrEmpty(limit)) return new NamedPage(100, after);
        if (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return Refusal.Invalid("limit", Phrase.Of("input.expected_integer", limit));
        return count is < 1 or > 500 ? Refusal.Invalid("limit", Phrase.Of("input.out_of_range", count, 1, 500)) : new NamedPage(count, after);
    }

    /// <summary>One page of all, in order.</summary>
    public IResult Answer<T>(IEnumerable<T> all, Func<T, string> name, Func<T, object> json)
    {
        var page = all.Where(i => After is null || string.CompareOrdinal(name(i), After) > 0).OrderBy(name, StringComparer.Ordinal).Take(Limit + 1).ToList();
        return Api.Json(new { items = page.Take(Limit).Select(json), next = page.Count > Limit ? name(page[Limit - 1]) : null });
    }
}

/// <summary>A span of time as <c>?from=&amp;to=</c>.</summary>
public sealed record TimeSpanQuery(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>A time that one can still count days from, in both directions.</summary>
    public static bool IsSensible(DateTimeOffset at) => at.UtcDateTime.Year is > 1970 and < 9000;

    /// <param name="usual">How far back, when nothing is said.</param>
    public static Outcome<TimeSpanQuery> Read(string? from, string? to, TimeSpan usual, DateTimeOffset now)
    {
        var errors = new List<FieldError>();
        var end = Time("to", to) ?? now;
        var begin = Time("from", from) ?? end - usual;
        if (errors.Count == 0 && begin >= end) errors.Add(new("from", Phrase.Of("input.not_before", "to")));
        return errors.Count > 0 ? Refusal.Invalid(errors) : new TimeSpanQuery(begin, end);

        DateTimeOffset? Time(string field, string? text)
        {
            if (string.IsNullOrEmpty(text)) return null;
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && IsSensible(at)) return at.ToUniversalTime();
            errors.Add(new(field, Phrase.Of("input.expected_time", text)));
            return null;
        }
    }
}
