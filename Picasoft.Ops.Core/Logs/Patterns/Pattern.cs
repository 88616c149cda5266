using System.Text;
using System.Text.RegularExpressions;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>What lines of one kind have in common: the words that stay, and <see cref="Hole"/> where values stand.</summary>
public sealed class Pattern
{
    /// <summary>How a place for values is shown.</summary>
    public const string Hole = "<*>";

    private const char TokenEnd = '\u001f', HoleMark = '\u0001';
    private Pattern? _mergedInto;

    internal Pattern(int id, string?[] words, bool[] spaced)
    {
        Id = id;
        Words = words;
        Spaced = spaced;
    }

    /// <summary>Stays while the pattern lives; that of one that was merged is given up.</summary>
    public int Id { get; }

    /// <summary>Lines seen.</summary>
    public long Count { get; internal set; }

    /// <summary>The pattern that these lines belong to now: a place that looked fixed may turn out to hold values.</summary>
    public Pattern Current
    {
        get
        {
            if (_mergedInto is null) return this;
            var last = _mergedInto;
            while (last._mergedInto is { } next) last = next;
            return _mergedInto = last;
        }
    }

    /// <summary>The words; null is a place for values.</summary>
    internal string?[] Words { get; }

    /// <summary>Before which of the words whitespace stands.</summary>
    internal bool[] Spaced { get; }

    /// <summary>When it was last seen, in lines: what is forgotten first when there are too many.</summary>
    internal long LastSeen { get; set; }

    /// <summary>Which pattern it is; the same after a restart.</summary>
    public ulong Hash
    {
        get
        {
            var hash = WordHash.Length(Words.Length);
            for (var i = 0; i < Words.Length; i++) hash += Words[i] is { } word ? WordHash.Of(word, i) : WordHash.Hole(i);
            return hash;
        }
    }

    /// <summary>There were too many, and the miner no longer knows it.</summary>
    public bool IsForgotten { get; internal set; }

    internal void MergeInto(Pattern other)
    {
        _mergedInto = other;
        other.Count += Count;
        other.LastSeen = Math.Max(other.LastSeen, LastSeen);
    }

    /// <summary>As people read it: <c>Failed password for &lt;*&gt; from &lt;*&gt;</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (var i = 0; i < Words.Length; i++)
        {
            if (Spaced[i] && i > 0) text.Append(' ');
            text.Append(Words[i] ?? Hole);
        }
        return text.ToString();
    }

    /// <summary>A regular expression that finds its lines: holes hold anything. As many of its words as fit into <paramref name="max"/> characters.</summary>
    public string ToExpression(int max = 500)
    {
        var text = new StringBuilder();
        var hole = true; // what stands before the first word does not matter
        for (var i = 0; i < Words.Length; i++)
        {
            if (Words[i] is not { } word) { hole = true; continue; }
            var next = (text.Length == 0 ? "" : hole ? ".*" : Spaced[i] ? @"\s+" : "") + Regex.Escape(word);
            if (text.Length + next.Length > max) break;
            text.Append(next);
            hole = false;
        }
        return text.ToString();
    }

    /// <summary>As it is stored; <see cref="Parse"/> reads it.</summary>
    public string ToKey()
    {
        var text = new StringBuilder();
        for (var i = 0; i < Words.Length; i++)
        {
            if (i > 0) text.Append(TokenEnd);
            if (Spaced[i]) text.Append(' ');
            if (Words[i] is { } word) text.Append(word);
            else text.Append(HoleMark);
        }
        return text.ToString();
    }

    public static Pattern Parse(int id, string key)
    {
        var parts = key.Length == 0 ? [] : key.Split(TokenEnd);
        var words = new string?[parts.Length];
        var spaced = new bool[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            spaced[i] = parts[i].StartsWith(' ');
            var word = parts[i].TrimStart(' ');
            words[i] = word.Length == 1 && word[0] == HoleMark ? null : word;
        }
        return new(id, words, spaced);
    }
}
