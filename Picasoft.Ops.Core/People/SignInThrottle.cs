namespace Picasoft.Ops.Core.People;

/// <summary>How long somebody waits who keeps getting the password wrong.</summary>
public static class SignInThrottle
{
    /// <summary>So many mistakes cost nothing.</summary>
    public const int Free = 5;

    /// <summary>Mistakes older than this are forgotten; also the longest wait.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    /// <summary>Until when to wait: 30 s after the 5th mistake, twice as long after each further one, an hour at most.</summary>
    /// <param name="failures">Mistakes since the last success, within <see cref="Memory"/>.</param>
    /// <param name="last">When the last one was.</param>
    public static DateTimeOffset? Until(int failures, DateTimeOffset last) =>
        failures < Free ? null : last + TimeSpan.FromSeconds(Math.Min(Memory.TotalSeconds, 30 * Math.Pow(2, Math.Min(failures - Free, 20))));
}
