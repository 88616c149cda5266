using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Inventory;

/// <summary>A service as people write it, in the page, the API and <c>ops.yaml</c>.</summary>
public sealed record ServiceInput : IChecked, ICatalogueInput<Service, ServiceInput>
{
    /// <summary>Longest runbook, in characters.</summary>
    public const int MaxRunbook = 64 * 1024;

    [Setting(Required = true, Name = true, Example = "mattermost")]
    public string Name { get; init; } = "";

    [Setting(MaxLength = 200, Example = "Mattermost")]
    public string? Title { get; init; }

    /// <summary>Where people use it.</summary>
    [Setting(MaxLength = 2000, Example = "https://team.example.org")]
    public string? Url { get; init; }

    [Setting(Name = true, Example = "alice")]
    public string? Host { get; init; }

    public Criticality Criticality { get; init; } = Criticality.Normal;

    /// <summary>The services it cannot work without.</summary>
    [Setting(Name = true, MaxLength = 100)]
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>Markdown, or one URL; in the file also a path beside it.</summary>
    [Setting(Multiline = true, MaxLength = MaxRunbook)]
    public string? Runbook { get; init; }

    public bool Public { get; init; }

    [Setting(Example = "15m")]
    public TimeSpan? Rto { get; init; }

    [Setting(Example = "1h")]
    public TimeSpan? Rpo { get; init; }

    public SloInput? Slo { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (Url is not null && !IsUrl(Url)) yield return new("url", Phrase.Of("input.not_url", Url));
        foreach (var (index, name) in DependsOn.Index())
        {
            if (name == Name) yield return new($"depends_on[{index}]", Phrase.Of("inventory.depends_on_itself"));
            else if (DependsOn.Take(index).Contains(name, StringComparer.Ordinal)) yield return new($"depends_on[{index}]", Phrase.Of("input.twice"));
        }
    }

    public static ServiceInput Of(Service service) => new()
    {
        Name = service.Name,
        Title = service.Title,
        Url = service.Url,
        Host = service.Host,
        Criticality = service.Criticality,
        DependsOn = service.DependsOn,
        Runbook = service.Runbook,
        Public = service.Public,
        Rto = service.Rto,
        Rpo = service.Rpo,
        Slo = service.SloAvailability is { } availability ? new() { Availability = availability, Window = service.SloWindow ?? SloInput.DefaultWindow } : null,
    };

    public void WriteTo(Service service)
    {
        (service.Name, service.Title, service.Url, service.Host) = (Name, Title, Url, Host);
        (service.Criticality, service.DependsOn, service.Public) = (Criticality, [.. DependsOn], Public);
        service.Runbook = string.IsNullOrWhiteSpace(Runbook) ? null : Runbook.Trim();
        (service.Rto, service.Rpo) = (Rto, Rpo);
        (service.SloAvailability, service.SloWindow) = (Slo?.Availability, Slo?.Window);
    }

    /// <summary>An http or https URL with a host.</summary>
    public static bool IsUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0;
}

/// <summary>What is promised of a service: <c>slo: {availability: 99.5, window: 30d}</c>.</summary>
public sealed record SloInput
{
    public static readonly TimeSpan DefaultWindow = TimeSpan.FromDays(30);

    /// <summary>Per cent of the window that it is up.</summary>
    [Setting(Required = true, Min = "0", Max = "100", Example = "99.5")]
    public double? Availability { get; init; }

    [Setting(Min = "1d", Max = "366d")]
    public TimeSpan Window { get; init; } = DefaultWindow;
}
