using CsCheck;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Tests.Core.Storage;

public class SecretBoxTests
{
    private readonly SecretBox _box = new("0123456789abcdef0123456789abcdef");

    [Fact]
    public void What_is_sealed_opens_again() => Gen.String.Sample(secret => _box.Open(_box.Seal(secret)) == secret);

    [Fact]
    public void The_same_secret_never_looks_the_same() => Assert.NotEqual(_box.Seal("hunter2"), _box.Seal("hunter2"));

    [Fact]
    public void Another_key_says_what_to_do()
    {
        var other = new SecretBox("another key, also thirty-two characters");
        Assert.Contains("secret.key", Assert.Throws<InvalidOperationException>(() => other.Open(_box.Seal("hunter2"))).Message);
    }

    [Fact]
    public void A_changed_byte_is_noticed()
    {
        var text = _box.Seal("hunter2").ToCharArray();
        text[20] = text[20] == 'A' ? 'B' : 'A';
        Assert.Throws<InvalidOperationException>(() => _box.Open(new string(text)));
    }

    [Fact]
    public void A_short_key_is_refused() => Assert.Throws<ArgumentException>(() => new SecretBox("short"));
}
