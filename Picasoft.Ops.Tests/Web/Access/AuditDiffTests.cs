using Picasoft.Ops.Web.Access;

namespace Picasoft.Ops.Tests.Web.Access;

public class AuditDiffTests
{
    [Fact]
    public void Only_what_changed_is_shown()
    {
        var changes = AuditDiff.Of("""{"name":"x","http":{"status":[200,204]},"gone":1}""", """{"name":"x","http":{"status":[200,301]},"new":true}""");
        Assert.Equal([new("http.status[1]", "204", "301"), new("gone", "1", null), new("new", null, "True")], changes);
    }

    [Fact]
    public void Nothing_before_or_after_is_all_new_or_all_gone()
    {
        Assert.Equal([new("a", null, "1")], AuditDiff.Of(null, """{"a":1}"""));
        Assert.Equal([new("a", "1", null)], AuditDiff.Of("""{"a":1}""", null));
        Assert.Empty(AuditDiff.Of(null, null));
    }
}
