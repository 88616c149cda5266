using System.Globalization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>What a person does where the product would do a step: a command to paste into a shell, with every address and no secret, and what is not seen from it. Pure.</summary>
internal static class StepByHand
{
    /// <param name="say">Says a phrase in the reader's language.</param>
    public static string Of(RecoveryStepInput step, PlanFacts facts, Func<string, object?[], string> say)
    {
        return step switch
        {
            { Manual: { } manual } => manual.Trim(),
            { Check: { Url: { } url } } => Code($"curl -f {Quoted(url)}"),
            { Check: { Cluster: { } cluster } } => say("doc.check_cluster", [cluster]),
            { Http: { } http } => OfHttp(http) + (http.TokenFile is { } file ? Note("doc.token", file) : ""),
            { Patroni: { } patroni } => OfPatroni(patroni),
            { Haproxy: { } h } => Code($"echo {Quoted($"set server {h.Backend}/{h.Server} state {Words.Of(h.Action!.Value)}")} | socat - {Quoted(h.Socket.StartsWith('/') ? h.Socket : $"TCP:{h.Socket}")}") + Here(h.Socket),
            { Docker: { } d } => Code($"docker {EngineOf(d.Engine)}{Words.Of(d.Action!.Value)} {Quoted(d.Container)}") + Here(d.Engine),
            { Ssh: { } s } => facts.SshHosts.FirstOrDefault(x => x.Name == s.Host) is not { } on ? say("run.no_ssh_host", [s.Host])
                : !on.Commands.TryGetValue(s.Command, out var command) ? say("run.not_allowed", [s.Command, s.Host])
                : Code($"ssh -p {on.Port} {Quoted($"{on.User}@{on.Host}")} {Quoted(command)}") + Note("doc.key", on.KeyFile),
            { Plugin: { } p } => Code($"{(facts.Programs.Length > 0 ? $"PATH={Quoted(facts.Programs)}:$PATH " : "")}{string.Join(' ', p.Arguments.Prepend(p.Command).Select(Quoted))}") + Here("/"),
            _ => "",
        };

        string Note(string key, params object?[] args) => $" ({say(key, args)})";
        string Here(string where) => where.StartsWith('/') ? Note("doc.here") : "";

        string OfPatroni(PatroniStepInput step)
        {
            var row = facts.Clusters.FirstOrDefault(c => c.Cluster.Name == step.Cluster);
            var members = row?.Cluster.Members ?? new Dictionary<string, string>(StringComparer.Ordinal);
            var leader = row?.View?.Leader ?? members.Keys.FirstOrDefault(m => m != step.Member);
            var isMove = step.Action == PatroniAction.Switchover;
            // Any member that lives does what a failover asks; the one that led does not any more.
            var url = members.GetValueOrDefault((isMove ? leader : step.Member) ?? "")?.TrimEnd('/') ?? $"http://{step.Cluster}:8008";
            return Code($"curl -i {(step.PasswordFile is null ? "" : $"-u {Quoted(step.User)} ")}-H 'Content-Type: application/json' -d {Quoted(step.BodyFor(leader))} {Quoted($"{url}/{Words.Of(step.Action!.Value)}")}")
                + (step.PasswordFile is { } file ? Note("doc.password", file) : "")
                + (isMove && leader is not null ? ". " + say("doc.leader", [leader, Code($"curl {Quoted($"{url}/cluster")}")]) : "");
        }
    }

    // What went wrong stands in the answer, which -f would keep back.
    private static string OfHttp(HttpStepInput http)
    {
        var words = new List<string> { "curl -i -X", Words.Of(http.Method).ToUpperInvariant() };
        if (http.TokenFile is { } file) words.Add($"-H \"Authorization: Bearer $(head -n 1 {Quoted(file)})\"");
        if (http.Body is { } body) words.AddRange(["-H", Quoted($"Content-Type: {http.ContentType}"), "--data-binary", Quoted(body)]);
        return Code(string.Join(' ', [.. words, Quoted(http.Url)]));
    }

    private static string EngineOf(string engine)
    {
        if (engine == new DockerStepInput().Engine) return "";
        if (engine.StartsWith('/')) return $"-H {Quoted($"unix://{engine}")} ";
        var at = new Uri(engine);
        return $"{(at.Scheme == Uri.UriSchemeHttps ? "--tlsverify " : "")}-H {Quoted(string.Create(CultureInfo.InvariantCulture, $"tcp://{at.Host}:{at.Port}{at.AbsolutePath.TrimEnd('/')}"))} ";
    }

    /// <summary>One word for a POSIX shell, whatever is in it.</summary>
    private static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "@%+=:,./_-".Contains(c, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>As it stands, also with lines and grave accents in it.</summary>
    private static string Code(string command)
    {
        var fence = "`";
        while (command.Contains(fence, StringComparison.Ordinal)) fence += "`";
        if (!command.Contains('\n', StringComparison.Ordinal)) return command.Length > 0 && (command[0] == '`' || command[^1] == '`') ? $"{fence} {command} {fence}" : $"{fence}{command}{fence}";
        fence = fence.PadLeft(3, '`');
        return $"\n\n{fence}\n{command}\n{fence}\n\n";
    }
}
