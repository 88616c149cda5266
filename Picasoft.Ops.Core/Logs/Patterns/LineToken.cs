namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>A word, a punctuation mark or a value of a line.</summary>
/// <param name="Start">Its first character in the line.</param>
/// <param name="Length">Characters.</param>
/// <param name="IsValue">It is of a kind that changes from line to line (number, address, path, time …), whatever it says.</param>
/// <param name="SpaceBefore">Whitespace stands before it.</param>
internal readonly record struct LineToken(int Start, int Length, bool IsValue, bool SpaceBefore)
{
    public int End => Start + Length;
}
