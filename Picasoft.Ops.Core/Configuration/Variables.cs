using System.Text;
using System.Text.RegularExpressions;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Configuration;

/// <summary><c>${NAME}</c> and <c>${NAME:-default}</c> in the values of <c>ops.yaml</c>; <c>$${</c> is a plain <c>${</c>. A value put in is not looked at again.</summary>
public static partial class Variables
{
    /// <summary>Puts the values in. What cannot be is reported and left empty.</summary>
    public static string Expand(string text, Func<string, string?> environment, Action<Phrase> wrong)
    {
        if (!text.Contains("${", StringComparison.Ordinal)) return text;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var rest = text.AsSpan(i);
            if (rest.StartsWith("$${"))
            {
                result.Append("${");
                i += 2;
            }
            else if (!rest.StartsWith("${")) result.Append(text[i]);
            else if (Variable().Match(text, i) is not { Success: true } match)
            {
                wrong(Phrase.Of("yaml.bad_variable"));
                result.Append("${");
                i++;
            }
            else
            {
                var value = environment(match.Groups["name"].Value);
                var hasDefault = match.Groups["default"].Success;
                // As a shell does: the default also stands in for an empty value.
                if (hasDefault && string.IsNullOrEmpty(value)) value = match.Groups["default"].Value;
                if (value is null) wrong(Phrase.Of("yaml.unset_variable", match.Groups["name"].Value));
                result.Append(value);
                i += match.Length - 1;
            }
        }
        return result.ToString();
    }

    /// <summary>Text that <see cref="Expand"/> leaves as it is.</summary>
    public static string Escape(string text) => text.Replace("${", "$${", StringComparison.Ordinal);

    /// <summary>Of this process: a variable, or the file that its <c>_FILE</c> names.</summary>
    public static string? FromEnvironment(string name)
    {
        if (Environment.GetEnvironmentVariable(name) is { } value) return value;
        if (Environment.GetEnvironmentVariable(name + "_FILE") is not { Length: > 0 } file) return null;
        try { return File.ReadAllText(file).Trim(); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException) { return null; }
    }

    [GeneratedRegex(@"\G\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?<default>[^}]*))?\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();
}
