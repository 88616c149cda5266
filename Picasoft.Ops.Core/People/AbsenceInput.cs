using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.People;

/// <summary>Where somebody's own calendar is: <c>{"url": "https://calendar.example.org/camille.ics"}</c>.</summary>
public sealed record AbsenceInput : IChecked
{
    /// <summary>http, https or webcal; null: none is read.</summary>
    [Setting(MaxLength = 2000, Example = "https://calendar.example.org/camille.ics")]
    public string? Url { get; init; }

    /// <summary>As it is fetched; null: none, or it is no web address.</summary>
    public string? Address => Uri.TryCreate(Url?.Trim().Replace("webcal://", "https://", StringComparison.OrdinalIgnoreCase), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri.ToString() : null;

    public IEnumerable<FieldError> Check()
    {
        if (!string.IsNullOrWhiteSpace(Url) && Address is null) yield return new("url", Phrase.Of("person.no_address", Url));
    }
}
