namespace Picasoft.Ops.Web.Configuration;

/// <summary>Marker of this feature's texts.</summary>
public sealed class ConfigurationTexts;
