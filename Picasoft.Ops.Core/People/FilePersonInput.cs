using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.People;

/// <summary>A person as the configuration file describes them: <c>{name: camille, email: camille@example.org, mattermost: camille}</c>. Passwords are never in a file: they are chosen with an invitation.</summary>
public sealed record FilePersonInput : IChecked
{
    [Setting(Required = true, MaxLength = 100, Example = "camille")]
    public string Name { get; init; } = "";

    [Setting(Required = true, MaxLength = 256, Example = "camille@example.org")]
    public string Email { get; init; } = "";

    /// <summary>Null: as it is; a new one is a responder.</summary>
    public Role? Role { get; init; }

    [Setting(MaxLength = 2, Example = "fr")]
    public string? Language { get; init; }

    [Setting(MaxLength = 64, Example = "camille")]
    public string? Mattermost { get; init; }

    [Setting(MaxLength = 20, Example = "+33612345678")]
    public string? Phone { get; init; }

    [Setting(MaxLength = 64)]
    public string? Telegram { get; init; }

    [Setting(MaxLength = 255, Example = "@camille:example.org")]
    public string? Matrix { get; init; }

    [Setting(MaxLength = 64)]
    public string? Ntfy { get; init; }

    /// <summary>When what is not grave waits; null: never.</summary>
    public QuietInput? Quiet { get; init; }

    [Setting(MaxLength = 10)]
    public IReadOnlyList<string> Through { get; init; } = [];

    public IEnumerable<FieldError> Check()
    {
        if (PersonActions.WrongEmail(Email) is { } wrong) yield return wrong;
        if (Name.Any(char.IsControl)) yield return new("name", Phrase.Of("input.length", 1, 100));
        if (Language is not (null or "fr" or "en")) yield return new("language", Phrase.Of("input.expected_choice", Language, "fr, en"));
    }

    public PersonContacts Contacts() => new() { Mattermost = Mattermost?.TrimStart('@'), Phone = Phone, Telegram = Telegram, Matrix = Matrix, Ntfy = Ntfy, Quiet = Quiet, Through = Through };

    /// <summary>As the file would say it; somebody of the page with the role they have.</summary>
    public static FilePersonInput Of(Person p) => new()
    {
        Name = p.Name,
        Email = p.Email ?? "",
        Role = p.FromFile ? p.FileRole : p.Role,
        Language = p.Language,
        Mattermost = p.Contacts.Mattermost,
        Phone = p.Contacts.Phone,
        Telegram = p.Contacts.Telegram,
        Matrix = p.Contacts.Matrix,
        Ntfy = p.Contacts.Ntfy,
        Quiet = p.Contacts.Quiet,
        Through = p.Contacts.Through,
    };
}
