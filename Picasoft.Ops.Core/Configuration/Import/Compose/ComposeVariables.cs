using System.Text;

namespace Picasoft.Ops.Core.Configuration.Import.Compose;

/// <summary>The variables of compose files: <c>$NAME ${NAME} ${NAME:-default} ${NAME-default} ${NAME:?error} ${NAME:+other} $$</c>. Source: Compose Specification, "Interpolation". Pure.</summary>
public static class ComposeVariables
{
    /// <summary>The text with its variables; <paramref name="missing"/> hears of those that nobody set.</summary>
    public static string Expand(string text, Func<string, string?> variables, Action<string> missing, int depth = 0)
    {
        if (!text.Contains('$', StringComparison.Ordinal) || depth > 8) return text;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length) result.Append(text[i]);
            else if (text[i + 1] == '$') { result.Append('$'); i++; }
            else if (text[i + 1] == '{')
            {
                var end = Closing(text, i + 2);
                if (end < 0) return result.Append(text, i, text.Length - i).ToString();
                result.Append(Braced(text[(i + 2)..end], variables, missing, depth));
                i = end;
            }
            else
            {
                var length = NameLength(text.AsSpan(i + 1));
                if (length == 0) { result.Append('$'); continue; }
                result.Append(Value(text.Substring(i + 1, length), variables, missing));
                i += length;
            }
        }
        return result.ToString();
    }

    private static string Braced(string inner, Func<string, string?> variables, Action<string> missing, int depth)
    {
        var length = NameLength(inner);
        var (name, rest) = (inner[..length], inner[length..]);
        if (length == 0) return "${" + inner + "}";
        var notEmpty = rest.StartsWith(':');
        if (notEmpty) rest = rest[1..];
        var value = variables(name);
        var isSet = notEmpty ? !string.IsNullOrEmpty(value) : value is not null;
        string Other() => Expand(rest[1..], variables, missing, depth + 1);
        return rest switch
        {
            ['-', ..] => isSet ? value! : Other(),
            ['+', ..] => isSet ? Other() : "",
            ['?', ..] when isSet => value!,
            _ => Value(name, variables, missing),
        };
    }

    private static string Value(string name, Func<string, string?> variables, Action<string> missing)
    {
        if (variables(name) is { } value) return value;
        missing(name);
        return "";
    }

    private static int Closing(string text, int from)
    {
        for (var (i, open) = (from, 1); i < text.Length; i++)
        {
            if (text[i] == '{' && text[i - 1] == '$') open++;
            else if (text[i] == '}' && --open == 0) return i;
        }
        return -1;
    }

    private static int NameLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && (char.IsAsciiLetter(text[length]) || text[length] == '_' || (length > 0 && char.IsAsciiDigit(text[length])))) length++;
        return length;
    }

    /// <summary>A <c>.env</c> file: lines of <c>NAME=value</c>, quotes taken off, comments passed over.</summary>
    public static IReadOnlyDictionary<string, string> OfFile(string text)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) continue;
            var name = line[..equals].Trim();
            if (name.StartsWith("export ", StringComparison.Ordinal)) name = name[7..].Trim();
            var value = line[(equals + 1)..].Trim();
            if (value.Length > 1 && value[0] is '"' or '\'' && value.IndexOf(value[0], 1) is > 0 and var end) value = value[1..end];
            else if (value.IndexOf(" #", StringComparison.Ordinal) is >= 0 and var comment) value = value[..comment].TrimEnd();
            found[name] = value;
        }
        return found;
    }
}
