using MimeKit;
using Picasoft.Ops.Core.Notifications;

namespace Picasoft.Ops.Tests.Core.Notifications;

/// <summary>What mail servers write of senders, as OpenDMARC, OpenDKIM, policyd-spf and Rspamd do.</summary>
public sealed class SenderProofTests
{
    [Theory]
    [InlineData(true, "mail.example.org; dmarc=pass (p=quarantine dis=none) header.from=example.org")]
    [InlineData(true, "MAIL.example.org; dmarc=pass header.from=Example.org")]
    [InlineData(true, "mail.example.org; dkim=pass (2048-bit key; unprotected) header.d=example.org header.i=@example.org header.b=AbCd")]
    [InlineData(true, "mail.example.org; spf=pass (sender SPF authorized) smtp.mailfrom=camille@example.org")]
    [InlineData(true, "mail.example.org; dkim=none; spf=pass (mail.example.org: domain of camille@example.org designates 192.0.2.1 as permitted sender) smtp.mailfrom=camille@example.org; dmarc=pass (policy=none) header.from=example.org")]
    [InlineData(false, "mail.example.org; none")]
    [InlineData(false, "mail.example.org; dmarc=fail (p=none dis=none) header.from=example.org")]
    [InlineData(false, "mail.example.org; dmarc=pass header.from=example.net")]
    [InlineData(false, "mail.example.org; dkim=pass header.d=example.net")]
    [InlineData(false, "mail.example.org; dkim=pass header.d=org")]
    [InlineData(false, "mail.example.org; dkim=pass")]
    [InlineData(false, "mail.example.org; spf=pass smtp.mailfrom=bounces.example.net")]
    [InlineData(false, "mail.example.org; spf=softfail smtp.mailfrom=example.org")]
    [InlineData(false, "mail.example.org; auth=pass smtp.auth=camille")]
    [InlineData(false, "mail.example.net; dmarc=pass header.from=example.org")]
    [InlineData(false, "mail.example.org.example.net; dmarc=pass header.from=example.org")]
    [InlineData(false, "nonsense dmarc=pass")]
    [InlineData(false, "mail.example.org; dmarc=fail header.from=example.org", "mail.example.org; dmarc=pass header.from=example.org")]
    [InlineData(true, "other.example.net; dmarc=fail header.from=example.org", "mail.example.org; dmarc=pass header.from=example.org")]
    [InlineData(false)]
    public void Only_our_own_server_vouches_and_only_for_the_senders_own_domain(bool isVouchedFor, params string[] headers)
    {
        using var mail = new MimeMessage();
        mail.From.Add(new MailboxAddress("Camille", "camille@example.org"));
        foreach (var header in headers) mail.Headers.Add("Authentication-Results", header);
        Assert.Equal(isVouchedFor, SenderProof.IsVouchedFor(mail, "mail.example.org"));
    }

    [Fact]
    public void A_mail_of_nobody_is_vouched_for_by_nobody() =>
        Assert.False(SenderProof.IsVouchedFor(new MimeMessage { Headers = { { "Authentication-Results", "mail.example.org; dmarc=pass" } } }, "mail.example.org"));
}
