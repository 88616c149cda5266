using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Which container, and through which door.</summary>
public sealed record DockerSettings : IChecked
{
    [Setting(Required = true, MaxLength = 200, Example = "mattermost")]
    public string Container { get; init; } = "";

    /// <summary>The Engine's socket on this machine, or the address of one that a proxy gives out.</summary>
    [Setting(Required = true, MaxLength = 2048)]
    public string Engine { get; init; } = "/var/run/docker.sock";

    /// <summary>It warns when the container was started less than this ago although it has been restarted: it may be in a loop.</summary>
    [Setting(Min = "0s", Max = "1d")]
    public TimeSpan Settled { get; init; } = TimeSpan.FromMinutes(5);

    public bool VerifyTls { get; init; } = true;

    public IEnumerable<FieldError> Check()
    {
        if (!Engine.StartsWith('/') && HttpProbe.Parse(Engine) is null) yield return new("engine", Phrase.Of("probe.input.engine"));
        if (!Container.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')) yield return new("container", Phrase.Of("probe.input.container"));
    }
}

/// <summary>A container runs, is healthy and does not restart again and again, as the Docker Engine (or Podman) says.</summary>
public sealed class DockerProbe(TimeProvider time) : Probe<DockerSettings>, IDisposable
{
    private readonly WebRunner _web = new(time);

    public override string Kind => "docker";

    public override ProbeGroup Group => ProbeGroup.Hosts;

    protected override string Target(DockerSettings settings) => settings.Container;

    protected override async ValueTask<Observation> CheckAsync(DockerSettings settings, ProbeContext context, CancellationToken cancel)
    {
        var socket = settings.Engine.StartsWith('/') ? settings.Engine : null;
        var server = socket is null ? new Uri(settings.Engine.TrimEnd('/') + "/") : new Uri("http://docker/");
        try
        {
            var answer = await _web.GetAsync(new Uri(server, $"containers/{Uri.EscapeDataString(settings.Container)}/json"), null, settings.VerifyTls, cancel, socket);
            if (answer.Status == 404) return Observation.Down("probe.no_container", settings.Container);
            if (answer.Status != 200) return Observation.Down("probe.status", answer.Status, 200);
            using var document = JsonDocument.Parse(answer.Body);
            return Judge(settings, document.RootElement, context.Now);
        }
        catch (JsonException)
        {
            return Observation.Down("probe.not_json");
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, (socket is null ? null : ProbeReasons.OfPath(e, socket)) ?? ProbeReasons.Of(e, server.IdnHost, server.Port));
        }
    }

    /// <summary>What <c>GET /containers/{id}/json</c> means. Source: Docker Engine API 1.24 and later. Pure.</summary>
    public static Observation Judge(DockerSettings settings, JsonElement container, DateTimeOffset now)
    {
        var state = Field(container, "State");
        var status = Text(state, "Status") ?? (Text(state, "Running") == "true" ? "running" : "exited");
        var health = Text(Field(state, "Health"), "Status");
        var restarts = double.TryParse(Text(container, "RestartCount"), NumberStyles.Float, CultureInfo.InvariantCulture, out var count) ? count : 0;
        var seen = status switch
        {
            "running" when health == "unhealthy" => Observation.Down("probe.container_unhealthy", ProbeReasons.Shown(LastHealth(state) ?? "")),
            "running" when restarts > 0 && DateTimeOffset.TryParse(Text(state, "StartedAt"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && now - at < settings.Settled => Observation.Warn("probe.container_restarted", now - at, restarts),
            "running" => Observation.Up,
            "restarting" => Observation.Down("probe.container_restarting", restarts, Text(state, "ExitCode") ?? "?"),
            _ when Text(state, "OOMKilled") == "true" => Observation.Down("probe.container_oom"),
            _ => Observation.Down("probe.container_state", status, Text(state, "ExitCode") ?? "?"),
        };
        return seen.With(new Measurement("restarts", restarts, "c"));
    }

    private static string? LastHealth(JsonElement state) =>
        Field(Field(state, "Health"), "Log") is { ValueKind: JsonValueKind.Array } log && log.GetArrayLength() > 0 ? Text(log[log.GetArrayLength() - 1], "Output")?.Trim() : null;

    private static JsonElement Field(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var field) ? field : default;

    private static string? Text(JsonElement of, string name) => Field(of, name) is { ValueKind: JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } value ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText() : null;

    public void Dispose() => _web.Dispose();
}
