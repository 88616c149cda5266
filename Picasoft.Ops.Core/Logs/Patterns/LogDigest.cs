namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>A kind of line in a digest.</summary>
/// <param name="Count">Lines in the time told of.</param>
/// <param name="Usual">Lines in as long a time before, on average; 0: it is new.</param>
public sealed record DigestKind(string App, string Text, string Hosts, long Count, double Usual);

/// <summary>A program that used to write, and did not.</summary>
public sealed record SilentProgram(string App, string Host, DateTimeOffset LastSeen);

/// <summary>What the logs of a day or a week were about.</summary>
/// <param name="From">First day of the reader.</param>
/// <param name="To">Last day, included.</param>
/// <param name="New">Never seen before, the gravest first.</param>
/// <param name="Grew">At least three times the usual.</param>
/// <param name="Noise">Kinds that somebody called noise and that came.</param>
/// <param name="NoiseLines">Their lines.</param>
/// <param name="Lines">All lines looked at.</param>
public sealed record LogDigest(
    DateOnly From, DateOnly To, IReadOnlyList<DigestKind> New, IReadOnlyList<DigestKind> Grew, IReadOnlyList<SilentProgram> Silent, long Noise, long NoiseLines, long Lines)
{
    public bool IsQuiet => New.Count == 0 && Grew.Count == 0 && Silent.Count == 0;
}
