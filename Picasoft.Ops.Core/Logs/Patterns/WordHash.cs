using System.Runtime.InteropServices;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>
/// Hashes of lines as sums over their places, so that the hash of "the same line with another word at place 3" is one subtraction. 64 bits: among a million patterns
/// two meet by chance once in tens of millions of runs.
/// </summary>
internal static class WordHash
{
    private const ulong Prime = 0x9E3779B97F4A7C15, Other = 0xD6E8FEB86659FD93;

    /// <summary>What a place for values adds at <paramref name="place"/>.</summary>
    public static ulong Hole(int place) => Mix(0x5DEECE66DUL ^ ((ulong)(place + 1) * Prime));

    /// <summary>What <paramref name="word"/> adds at <paramref name="place"/>.</summary>
    public static ulong Of(ReadOnlySpan<char> word, int place)
    {
        var hash = (ulong)word.Length * Other;
        var wide = MemoryMarshal.Cast<char, ulong>(word);
        foreach (var four in wide) hash = (hash ^ four) * Prime ^ (hash >> 29);
        for (var i = wide.Length * 4; i < word.Length; i++) hash = (hash ^ word[i]) * Other ^ (hash >> 31);
        return Mix(hash ^ ((ulong)(place + 1) * Prime));
    }

    public static ulong Length(int places) => Mix((ulong)places * Other + 1);

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
