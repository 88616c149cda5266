using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using static Picasoft.Ops.Core.Configuration.Import.ImportNodes;

namespace Picasoft.Ops.Core.Configuration.Import.Compose;

/// <summary>Asks a Docker Engine (or Podman) what it runs, and proposes it as <see cref="ComposeImport"/> does. Only reads.</summary>
public sealed class DockerEngineRunner(TimeProvider time) : IDisposable
{
    /// <summary>The Engine's own socket.</summary>
    public const string Socket = "/var/run/docker.sock";

    private const int MaxContainers = 300;

    private readonly WebRunner _web = new(time);

    /// <param name="engine">Path of a socket, or the address of a proxy.</param>
    /// <param name="host">The machine, when people call it otherwise than it calls itself.</param>
    public async Task<Outcome<Imported>> ReadAsync(string engine, string? host, CancellationToken cancel)
    {
        var isSocket = engine.StartsWith('/');
        if (!isSocket && HttpProbe.Parse(engine) is null) return Refusal.Invalid("engine", Phrase.Of("probe.input.engine"));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        try
        {
            if (await AskAsync(engine, "containers/json", limit.Token) is not InputList list) return Refusal.Invalid("engine", Phrase.Of("import.no_engine", engine));
            var info = await AskAsync(engine, "info", limit.Token) as InputMap; // a careful proxy keeps it to itself
            var containers = new List<ComposeContainer>();
            foreach (var item in Maps(list).Take(MaxContainers))
                if (Of(item, await AskAsync(engine, $"containers/{Uri.EscapeDataString(Text(item, "Id") ?? "")}/json", limit.Token) as InputMap) is { } container) containers.Add(container);
            var distinct = containers.OrderBy(c => c.Project, StringComparer.Ordinal).ThenBy(c => c.Key, StringComparer.Ordinal).ThenBy(c => c.Container, StringComparer.Ordinal).DistinctBy(c => (c.Project, c.Key)).ToList();
            return ComposeImport.Of(distinct, new(Host: host is { Length: > 0 } ? host : info is null ? null : Text(info, "Name"), Engine: engine == Socket ? null : engine), new ImportDraft());
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            return Refusal.Invalid("engine", (isSocket ? ProbeReasons.OfPath(e, engine) : null) ?? Phrase.Of("import.no_engine", engine));
        }
    }

    private async Task<InputNode?> AskAsync(string engine, string path, CancellationToken cancel)
    {
        var socket = engine.StartsWith('/') ? engine : null;
        var server = socket is null ? new Uri(engine.TrimEnd('/') + "/") : new Uri("http://docker/");
        var answer = await _web.GetAsync(new Uri(server, path), null, verify: true, cancel, socket);
        return answer.Status == 200 && JsonInput.Parse(answer.Body) is { IsDone: true } read ? read.Value : null;
    }

    /// <summary>What <c>GET /containers/json</c> and <c>/containers/ID/json</c> say. Source: Docker Engine API 1.24 and later. Pure.</summary>
    private static ComposeContainer? Of(InputMap item, InputMap? whole)
    {
        var labels = item["Labels"] is InputMap map ? map.Entries.Where(e => e.Value is InputScalar).ToDictionary(e => e.Name, e => ((InputScalar)e.Value).Text ?? "", StringComparer.Ordinal) : [];
        if (string.Equals(labels.GetValueOrDefault("com.docker.compose.oneoff"), "true", StringComparison.OrdinalIgnoreCase)) return null;
        var name = Items(item["Names"]).FirstOrDefault()?.TrimStart('/');
        var key = labels.GetValueOrDefault("com.docker.compose.service") ?? name;
        if (string.IsNullOrEmpty(key)) return null;
        IReadOnlyList<InputEntry> networks = (whole?["NetworkSettings"] as InputMap)?["Networks"] is InputMap of ? [.. of.Entries.Where(e => e.Name is not ("none" or "host"))] : [];
        var config = whole?["Config"] as InputMap;
        return new()
        {
            Key = key,
            Project = labels.GetValueOrDefault("com.docker.compose.project"),
            Container = name,
            Image = Text(item, "Image") ?? "",
            Labels = labels,
            Environment = Items(config?["Env"]).Where(e => e.Contains('=', StringComparison.Ordinal)).Select(e => e.Split('=', 2)).DistinctBy(e => e[0], StringComparer.Ordinal).ToDictionary(e => e[0], e => e[1], StringComparer.Ordinal),
            Needs = [.. (labels.GetValueOrDefault("com.docker.compose.depends_on") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(d => d.Split(':')[0])],
            Ports = [.. Maps(item["Ports"]).Where(p => Text(p, "Type") == "tcp" && Text(p, "PublicPort") is not null)
                .Select(p => new PublishedPort(Text(p, "IP") is "0.0.0.0" or "::" or "" or null ? null : Text(p, "IP"), int.Parse(Text(p, "PublicPort")!, CultureInfo.InvariantCulture))).Distinct()],
            Networks = [.. networks.Select(n => n.Name)],
            Command = [.. Items(config?["Cmd"])],
            Health = ComposeHealth.Of(Items((config?["Healthcheck"] as InputMap)?["Test"])),
            Aliases = [.. networks.Select(n => n.Value).OfType<InputMap>().SelectMany(n => Items(n["Aliases"])).Append(name ?? "").Where(a => a.Length > 1 && a != key).Distinct(StringComparer.Ordinal)],
        };
    }

    public void Dispose() => _web.Dispose();
}
