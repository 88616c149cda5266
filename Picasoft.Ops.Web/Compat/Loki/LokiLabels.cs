using System.Text;

namespace Picasoft.Ops.Web.Compat.Loki;

/// <summary>Labels as Prometheus' world writes them: <c>{job="varlogs", host="alice"}</c>.</summary>
internal static class LokiLabels
{
    /// <exception cref="FormatException">It is not that.</exception>
    public static Dictionary<string, string> Parse(string text)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var rest = text.AsSpan().Trim();
        if (rest.Length < 2 || rest[0] != '{' || rest[^1] != '}') throw Wrong(text);
        rest = rest[1..^1].Trim();
        while (!rest.IsEmpty)
        {
            var equals = rest.IndexOf('=');
            if (equals <= 0) throw Wrong(text);
            var name = rest[..equals].Trim().ToString();
            rest = rest[(equals + 1)..].TrimStart();
            if (rest.IsEmpty || rest[0] != '"') throw Wrong(text);
            var (value, at) = (new StringBuilder(), 1);
            for (; at < rest.Length && rest[at] != '"'; at++)
            {
                if (rest[at] == '\\' && ++at < rest.Length) value.Append(rest[at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var c => c });
                else if (at < rest.Length) value.Append(rest[at]);
            }
            if (at >= rest.Length) throw Wrong(text);
            labels[name] = value.ToString();
            rest = rest[(at + 1)..].TrimStart();
            if (!rest.IsEmpty && rest[0] == ',') rest = rest[1..].TrimStart();
            else if (!rest.IsEmpty) throw Wrong(text);
        }
        return labels;
    }

    private static FormatException Wrong(string text) => new($"error parsing labels: {(text.Length > 100 ? text[..100] + "…" : text)}");
}
