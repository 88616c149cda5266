namespace Picasoft.Ops.Web.Logs;

/// <summary>Marker of this feature's texts.</summary>
public sealed class LogsTexts;
