using System.Text;
using CsCheck;
using Picasoft.Ops.Core.Logs.Syslog;

namespace Picasoft.Ops.Tests.Core.Logs.Syslog;

public sealed class FramingTests
{
    [Fact]
    public void Both_framings_may_be_mixed_and_cut_anywhere()
    {
        var message = Gen.Char['<', 'z'].Array[1, 60].Select(c => "<" + new string(c).Replace('\n', '_'));
        Gen.Select(Gen.Select(message, Gen.Bool).List[1, 20], Gen.Int[1, 40]).Sample((messages, piece) =>
        {
            var sent = Encoding.ASCII.GetBytes(string.Concat(messages.Select(m => m.Item2 ? $"{m.Item1.Length} {m.Item1}" : m.Item1 + "\n")));
            Assert.Equal(messages.Select(m => m.Item1), Receive(sent, piece));
        });
    }

    [Theory]
    [InlineData("2026-11-25 a line that begins with a number\n", "2026-11-25 a line that begins with a number")]
    [InlineData("123456789 too many digits\n", "123456789 too many digits")]
    [InlineData("\n\n<1>x\n", "<1>x")]
    public void A_number_that_is_no_length_is_text(string sent, string message) => Assert.Equal([message], Receive(Encoding.ASCII.GetBytes(sent), 7));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_too_long_is_cut_and_the_next_message_is_whole(bool counted)
    {
        var large = new string('x', 1_000_000);
        var sent = counted ? $"{large.Length} {large}8 <1>after" : $"{large}\n<1>after\n";
        var messages = Receive(Encoding.ASCII.GetBytes(sent), 10_000, out var cut);
        Assert.Equal([Framing.MaxMessage, 8], messages.Select(m => m.Length));
        Assert.Equal(1, cut);
    }

    private static List<string> Receive(byte[] sent, int piece) => Receive(sent, piece, out _);

    private static List<string> Receive(byte[] sent, int piece, out long cut)
    {
        var (framing, messages, buffer) = (new Framing(), new List<string>(), new List<byte>());
        foreach (var part in sent.Chunk(piece))
        {
            buffer.AddRange(part);
            while (framing.Next(buffer.ToArray(), out var message, out var consumed))
            {
                if (!message.IsEmpty) messages.Add(Encoding.ASCII.GetString(message));
                buffer.RemoveRange(0, consumed);
            }
            Assert.InRange(buffer.Count, 0, Framing.MaxMessage + piece + 10);
        }
        cut = framing.Cut;
        return messages;
    }
}
