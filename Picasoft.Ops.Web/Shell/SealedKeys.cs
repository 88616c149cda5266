using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Shell;

/// <summary>The keys that sign sessions are in the database, for all nodes; sealed, so that whoever steals a dump cannot sign in with it.</summary>
internal sealed class SealedKeys(ISecretBox secrets) : IXmlEncryptor, IConfigureOptions<KeyManagementOptions>
{
    public void Configure(KeyManagementOptions options) => options.XmlEncryptor = this;

    public EncryptedXmlInfo Encrypt(XElement plaintextElement) =>
        new(new XElement("sealed", secrets.Seal(plaintextElement.ToString(SaveOptions.DisableFormatting))), typeof(SealedKeysOpener));
}

/// <summary>Opens them; made by data protection from the name in the stored key.</summary>
public sealed class SealedKeysOpener(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) => XElement.Parse(services.GetRequiredService<ISecretBox>().Open(encryptedElement.Value));
}
