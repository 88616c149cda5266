using Picasoft.Ops.Core.Logs;

namespace Picasoft.Ops.Tests.Core.Logs;

public sealed class LogMaskTests
{
    [Theory]
    [InlineData("login failed password=hunter2 for x", "login failed password=••• for x")]
    [InlineData("{\"api_key\": \"abc123\", \"n\": 1}", "{\"api_key\": \"•••\", \"n\": 1}")]
    [InlineData("DB_PASSWORD=s3cr3t; MODE=x", "DB_PASSWORD=•••; MODE=x")]
    [InlineData("Authorization: Bearer abcdefghijkl", "Authorization: Bearer •••")]
    [InlineData("cloning https://bob:pa55@git.example.org/x", "cloning https://bob:•••@git.example.org/x")]
    [InlineData("used ghp_0123456789abcdefghijklmnopqrstuvwxyz here", "used ••• here")]
    [InlineData("Failed password for root from 10.0.0.1", "Failed password for root from 10.0.0.1")]
    [InlineData("to=<camille@example.org>, status=deferred", "to=<camille@example.org>, status=deferred")]
    public void Secrets_are_not_kept(string line, string kept) => Assert.Equal(kept, LogMask.Of(line, addresses: false));

    [Fact]
    public void Addresses_are_not_kept_if_so_chosen() => Assert.Equal("to=<•••@example.org>, status=deferred", LogMask.Of("to=<camille@example.org>, status=deferred", addresses: true));
}
