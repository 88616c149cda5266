using System.Text;
using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Configuration.Import;
using Picasoft.Ops.Core.Configuration.Import.Compose;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Configuration;

/// <summary>Other products' files in <c>/api/v1/import</c>: the body is the file (for <c>docker</c>, the address of an engine).</summary>
internal static class ImportEndpoints
{
    public static void MapImport(this IEndpointRouteBuilder app)
    {
        var import = app.MapGroup("/api/v1/import/{kind}").WithTags("configuration").RequireAuthorization(Policies.Admin);
        import.MapPost("", async (string kind, HttpContext http, DockerEngineRunner engine, ProposalActions actions, CancellationToken cancel) =>
        {
            var (imported, _) = await ReadAsync(kind, http.Request, engine, cancel);
            if (imported.Refusal is { } refusal) return Api.Problem(refusal);
            return Api.Answer(await actions.CompareAsync(imported.Value, cancel), items => new { imported.Value.Yaml, notes = imported.Value.Notes.Select(n => n.ToString()), items = items.Select(i => new { i.Key, i.Kind, i.Name, i.State, i.Added }) });
        }).Asks("host", "project", "only").WithSummary("Says what a foreign file proposes, as YAML and as a diff against the store; changes nothing");
        import.MapPost("accept", async (string kind, HttpContext http, DockerEngineRunner engine, ProposalActions actions, CancellationToken cancel) =>
        {
            var (imported, only) = await ReadAsync(kind, http.Request, engine, cancel);
            return imported.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await actions.AcceptAsync(imported.Value, only, http.Actor(), cancel), changed => new { changed });
        }).Asks("host", "project", "only").WithSummary("Takes over what a foreign file proposes, or what ?only=service:x,probe:y names of it; what is there is never replaced");
    }

    private static async Task<(Outcome<Imported> Imported, IReadOnlyCollection<string>? Only)> ReadAsync(string kind, HttpRequest request, DockerEngineRunner engine, CancellationToken cancel)
    {
        var query = new QueryReader(request);
        var (host, project, only) = (query.Text("host"), query.Text("project"), query.Text("only")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        if (query.Refusal is { } refusal) return (refusal, only);
        if (kind != "docker" && Importer.Find(kind) is null) return (Refusal.NotFound("importer", kind), only);
        var body = await BodyAsync(request, cancel);
        if (body.Refusal is { } wrong) return (wrong, only);
        return (kind == "docker" ? await engine.ReadAsync(body.Value.Trim() is { Length: > 0 } address ? address : DockerEngineRunner.Socket, host, cancel) : Importer.Find(kind)!.Convert(body.Value, new(host, project)), only);
    }

    private static async Task<Outcome<string>> BodyAsync(HttpRequest request, CancellationToken cancel)
    {
        var bytes = new byte[YamlInput.MaxBytes + 1];
        var read = await request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        if (read > YamlInput.MaxBytes) return Refusal.Invalid("", Phrase.Of("input.too_large", YamlInput.MaxBytes));
        return Encoding.UTF8.GetString(bytes, 0, read).TrimStart('\uFEFF');
    }
}
