using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>By what a message is recognised. Pure.</summary>
internal static class MessageIdentity
{
    /// <summary>Says the same for every attempt, and something else in another store whose numbers begin at 1 again: mail readers drop what they have seen. 32 hexadecimal digits.</summary>
    public static string Of(string key, DateTimeOffset at) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{key}@{at.ToUniversalTime():O}"))).AsSpan(0, 16));
}
