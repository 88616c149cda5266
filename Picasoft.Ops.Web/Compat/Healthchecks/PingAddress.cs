using System.Globalization;
using Picasoft.Ops.Core.Heartbeats;

namespace Picasoft.Ops.Web.Compat.Healthchecks;

/// <summary>What stands behind <c>/ping/</c>. Pure.</summary>
/// <param name="Token">The UUID; or</param>
/// <param name="Key">the key and</param>
/// <param name="Slug">the name.</param>
/// <param name="Kind">What the last word says.</param>
/// <param name="Exit">The exit status, if one stands there.</param>
internal sealed record PingAddress(string? Token, string? Key, string? Slug, PingKind Kind, int? Exit)
{
    /// <summary>Healthchecks' own sentences: its clients print them.</summary>
    public const string NotFound = "not found", BadUrl = "invalid url format";

    /// <summary>Reads <c>UUID</c>, <c>UUID/fail</c>, <c>KEY/slug</c>, <c>KEY/slug/3</c> and so on; else the sentence to refuse with.</summary>
    public static (PingAddress? Address, string? Wrong) Parse(string path)
    {
        var parts = path.Trim('/').Split('/');
        if (parts.Length is < 1 or > 3 || parts.Any(p => p.Length == 0)) return (null, NotFound);
        if (Guid.TryParseExact(parts[0], "D", out var uuid))
        {
            if (parts.Length == 1) return (new(uuid.ToString("D"), null, null, PingKind.Success, null), null);
            if (parts.Length == 2 && Action(parts[1]) is { } of) return of.IsBad ? (null, BadUrl) : (new(uuid.ToString("D"), null, null, of.Kind, of.Exit), null);
        }
        if (parts.Length == 1) return (null, NotFound);
        if (!parts[1].All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.')) return (null, BadUrl);
        if (parts.Length == 2) return (new(null, parts[0], parts[1], PingKind.Success, null), null);
        return Action(parts[2]) is { } action ? action.IsBad ? (null, BadUrl) : (new(null, parts[0], parts[1], action.Kind, action.Exit), null) : (null, NotFound);
    }

    private static (PingKind Kind, int? Exit, bool IsBad)? Action(string word) => word switch
    {
        "start" => (PingKind.Start, null, false),
        "fail" => (PingKind.Fail, null, false),
        "log" => (PingKind.Log, null, false),
        _ when !word.All(char.IsAsciiDigit) => null,
        _ when int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var exit) && exit <= 255 => (exit == 0 ? PingKind.Success : PingKind.Fail, exit, false),
        _ => (default, null, true),
    };
}
