using System.Globalization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Shell;

/// <summary>
/// Reads the filters of a list from its address, and gathers every error. A parameter that nobody asked for is one:
/// a misspelt filter must not answer with everything.
/// </summary>
public sealed class QueryReader(HttpRequest request)
{
    private readonly List<FieldError> _errors = [];
    private readonly List<string> _known = [];

    /// <summary>Most items in an answer; 100 if nothing is said.</summary>
    public int Limit => (int)(Number("limit", 1, 500) ?? 100);

    /// <summary>Where the page before ended.</summary>
    public long? After => Number("after", 1, long.MaxValue);

    public string? Text(string name)
    {
        var text = Raw(name).LastOrDefault();
        if (string.IsNullOrWhiteSpace(text)) return null;
        return text.Length > 1000 ? Fail<string>(name, "input.too_long", 1000) : text.Trim();
    }

    public long? Number(string name, long min, long max)
    {
        if (Text(name) is not { } text) return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max) return number;
        Fail<string>(name, "input.out_of_range", Short(text), min, max);
        return null;
    }

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text) return null;
        if (DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) && TimeSpanQuery.IsSensible(at)) return at; // a plus that was not escaped arrives as a space
        Fail<string>(name, "input.expected_time", Short(text));
        return null;
    }

    /// <summary>One or several words: <c>state=open,acknowledged</c> or <c>state=open&amp;state=acknowledged</c>.</summary>
    public IReadOnlyList<T> Choices<T>(string name) where T : struct, Enum
    {
        var found = new List<T>();
        foreach (var word in Raw(name).SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
            if (Words.TryParse<T>(word, out var value)) found.Add(value);
            else Fail<string>(name, "input.expected_choice", Short(word), string.Join(", ", Words.All(typeof(T))));
        return found;
    }

    /// <summary>What is wrong with the address; ask last.</summary>
    public Refusal? Refusal
    {
        get
        {
            foreach (var unknown in request.Query.Keys.Where(k => !_known.Contains(k, StringComparer.OrdinalIgnoreCase)).Take(20))
                Fail<string>(Short(unknown), "input.unknown_key", string.Join(", ", _known.Distinct(StringComparer.Ordinal)));
            return _errors.Count == 0 ? null : Refusal.Invalid(_errors);
        }
    }

    private Microsoft.Extensions.Primitives.StringValues Raw(string name)
    {
        _known.Add(name);
        return request.Query[name];
    }

    private T? Fail<T>(string name, string key, params object?[] args) where T : class
    {
        _errors.Add(new(name, Phrase.Of(key, args)));
        return null;
    }

    internal static string Short(string text) => text.Length > 100 ? text[..100] + "…" : text;
}
