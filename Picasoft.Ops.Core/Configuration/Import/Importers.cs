using System.Text;
using Picasoft.Ops.Core.Configuration.Import.Compose;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Configuration.Import;

/// <summary>A kind of foreign file that becomes hosts, services, probes and heartbeats. Pure.</summary>
/// <param name="Name">Its word: <c>compose</c>.</param>
/// <param name="Convert">Never throws, whatever the text.</param>
public sealed record Importer(string Name, Func<string, ImportHints, Outcome<Imported>> Convert)
{
    public static IReadOnlyList<Importer> All { get; } =
    [
        new("compose", ComposeImport.Convert),
        new("kuma", (text, _) => KumaImport.Convert(text)),
        new("gatus", (text, _) => GatusImport.Convert(text)),
        new("healthchecks", (text, _) => HealthchecksImport.Convert(text)),
    ];

    public static Importer? Find(string name) => All.FirstOrDefault(i => i.Name == name);

    /// <summary>A foreign JSON text as nodes.</summary>
    internal static Outcome<InputNode> Json(string text) =>
        Encoding.UTF8.GetByteCount(text) > YamlInput.MaxBytes ? Refusal.Invalid("", Phrase.Of("input.too_large", YamlInput.MaxBytes)) : JsonInput.Parse(Encoding.UTF8.GetBytes(text));

    /// <summary>A foreign YAML text as nodes; its variables are text.</summary>
    internal static Outcome<InputMap> Yaml(string text)
    {
        var read = YamlInput.Read(Variables.Escape(text), _ => null);
        if (read.Errors.Count > 0) return Refusal.Invalid(read.Errors);
        return read.Root is InputMap map ? map : Refusal.Invalid("", Phrase.Of("input.expected_map"));
    }
}
