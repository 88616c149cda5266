namespace Picasoft.Ops.Tests.Support;

/// <summary>The people of every story: camille is on call, sacha is backup.</summary>
public static class Cast
{
    public const string CamilleMail = "camille@example.org";
    public const string SachaMail = "sacha@example.org";

    /// <summary>Sees everything, changes nothing.</summary>
    public const string ViewerMail = "robin@example.org";

    public const string Password = "a good long password";
}
